import ABCIServer
import Cryptography
import Foundation
import Ledger
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import StateStore
import Wallet
import WireFormat

/// Writes everything that a network starts from, in CometBFT 0.38's own formats.
struct NetworkFiles {
    let layout: NetworkLayout
    let validators: Int
    /// Hosts are at this port of loopback and the following ones.
    var firstHostPort = 8_001

    /// A devnet's, with windows that several models on one machine get something done in, beside users' requests: each process takes
    /// its turn at the cores, and items that are begun together end together.
    private static let parameters: ProtocolParameters = {
        var parameters = ProtocolParameters.devnet
        parameters.chain.epochBlocks = 84
        parameters.rounds.sprintWorkBlocks = 24
        parameters.rounds.confirmationWorkBlocks = 24
        parameters.rounds.sprintOutputTokens = 16
        return parameters
    }()

    func write() throws {
        let all = (1...validators).map(layout.validator)
        guard let longest = all.last?.socket.address, ABCIAddress(longest) != nil else {
            throw OperatorError("the path of \(layout.folder) is too long for a socket in it; choose a shorter --home.")
        }
        let consensusKeys = all.map { _ in ConsensusPrivateKey.random() }
        let nodeKeys = all.map { _ in ConsensusPrivateKey.random() }
        let keys = try LocalKeys(folder: layout.keys, hosts: validators)
        let genesis = try LocalGenesis.make(
            keys, chainID: NetworkLayout.chainID, parameters: Self.parameters, consensusKeys: consensusKeys,
            model: try DemoModel.record()
        ) { "http://127.0.0.1:\(firstHostPort + $0)" }
        try genesis.write(to: layout.genesis)
        let text = try consensusGenesis(genesis)
        let peers = zip(all, nodeKeys).map { "\(Self.nodeID($1))@127.0.0.1:\($0.peerPort)" }
        for (index, validator) in all.enumerated() {
            let others = peers.indices.filter { $0 != index }.map { peers[$0] }
            try write(validator, consensusKeys[index], nodeKeys[index], genesis: text, peers: others)
        }
        let record: JSONValue = [
            "validators": .number(UInt64(validators)), "base_port": .number(UInt64(layout.basePort)),
        ]
        try Data(record.encoded()).write(to: URL(fileURLWithPath: layout.record), options: .atomic)
    }

    private func write(
        _ validator: NetworkLayout.Validator, _ consensusKey: ConsensusPrivateKey, _ nodeKey: ConsensusPrivateKey,
        genesis: Bytes, peers: [String]
    ) throws {
        let home = validator.consensusHome
        for folder in [validator.home, home + "/config", home + "/data"] {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
        try ConsensusKeyFile(path: home + "/config/priv_validator_key.json").create(consensusKey)
        let pair = nodeKey.secret.copiedBytes() + nodeKey.publicKey.bytes
        let node: JSONValue = [
            "priv_key": ["type": "tendermint/PrivKeyEd25519", "value": .string(Base64.encode(pair))]
        ]
        // Nothing was signed yet.
        let state: JSONValue = ["height": "0", "round": .number(UInt64(0)), "step": .number(UInt64(0))]
        try Self.write(node.encoded(), to: home + "/config/node_key.json")
        try Self.write(state.encoded(), to: home + "/data/priv_validator_state.json")
        try Self.write(genesis, to: home + "/config/genesis.json")
        try Self.write(Bytes(Self.configuration(of: validator, peers: peers).utf8), to: home + "/config/config.toml")
    }

    private static func write(_ bytes: Bytes, to path: String) throws {
        let options: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
        guard FileManager.default.createFile(atPath: path, contents: Data(bytes), attributes: options) else {
            throw OperatorError("\(path) cannot be written.")
        }
    }

    /// CometBFT's name for a node: its key's address.
    static func nodeID(_ key: ConsensusPrivateKey) -> String { Hex.encode(key.publicKey.address.bytes) }

    /// What differs from CometBFT's defaults; it fills in the rest.
    static func configuration(of validator: NetworkLayout.Validator, peers: [String]) -> String {
        """
        proxy_app = "\(validator.socket.address)"
        moniker = "\(validator.name)"
        abci = "socket"

        [rpc]
        laddr = "tcp://127.0.0.1:\(validator.rpcPort)"

        [p2p]
        laddr = "tcp://127.0.0.1:\(validator.peerPort)"
        persistent_peers = "\(peers.joined(separator: ","))"
        addr_book_strict = false
        allow_duplicate_ip = true

        [mempool]
        size = 10000
        max_txs_bytes = 16777216
        max_tx_bytes = 262144

        [consensus]
        timeout_commit = "1s"

        """
    }

    /// CometBFT's genesis file: the ledger's own genesis as `app_state`, and the validators that the ledger will name at its start.
    private func consensusGenesis(_ genesis: GenesisFile) throws -> Bytes {
        let request = genesis.request
        let ledger = try LedgerApp(storage: MemoryStorage())
        let validators = try ledger.initChain(request).validators
        let epoch = genesis.state.parameters.chain
        let age = epoch.epochBlocks * epoch.blockTimeMilliseconds * 1_000_000
        let value: JSONValue = [
            "genesis_time": .string(Self.time(request.genesisTimeMilliseconds)), "chain_id": .string(request.chainID),
            "initial_height": "1",
            "consensus_params": [
                "block": ["max_bytes": "5242880", "max_gas": "-1"],
                "evidence": [
                    "max_age_num_blocks": .string(String(epoch.epochBlocks)), "max_age_duration": .string(String(age)),
                    "max_bytes": "1048576",
                ],
                "validator": ["pub_key_types": ["ed25519"]],
                "version": ["app": .string(String(Version.protocolVersion))],
                "abci": ["vote_extensions_enable_height": "0"],
            ],
            "validators": .array(try validators.map(Self.json)), "app_hash": "",
            "app_state": .string(Base64.encode(request.applicationState)),
        ]
        return value.encoded()
    }

    private static func json(_ validator: ValidatorUpdate) throws -> JSONValue {
        guard let key = ConsensusPublicKey(validator.publicKey) else {
            throw OperatorError("a validator's key is not 32 bytes.")
        }
        return [
            "address": .string(Hex.encode(key.address.bytes).uppercased()),
            "pub_key": ["type": "tendermint/PubKeyEd25519", "value": .string(Base64.encode(key.bytes))],
            "power": .string(String(validator.power)), "name": "",
        ]
    }

    private static func time(_ milliseconds: UInt64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds / 1_000)).formatted(.iso8601)
    }
}
