import Cryptography
import Ledger
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import StateStore
import WireFormat

/// A ledger of many hosts some blocks before an epoch ends, and who signs its blocks. The same every time.
///
/// Rounds, seeds and blocks are the ledger's own, on a devnet's short timetable: what an epoch's end costs goes by the hosts and not
/// by the blocks before it. What hosts would have done meanwhile is written into the state (`EpochWork`).
public struct EpochLoad {
    /// How much there is to do.
    public struct Size: Sendable {
        public var hosts = 10_000
        /// Hosts with power in consensus before the epoch ends.
        public var validators = 200
        /// Each host serves all of them.
        public var models = 2
        /// Validators that sign no block.
        public var absent = 10
        /// Withdrawals of collateral that are due when the epoch ends.
        public var withdrawals = 2_000
        /// Epochs over which rewards are released.
        public var vestingEpochs: UInt64 = 180

        public init() {}
    }

    /// The epoch whose end is looked at.
    static let epoch: UInt64 = 2
    /// The blocks of it that are left.
    static let blocksLeft: UInt64 = 20

    let hosts: Int
    /// The state to begin with.
    public let state: StoredState
    /// The first block of the next epoch.
    public let nextEpochHeight: UInt64
    /// By the names that consensus has for them, and whether they sign.
    public let votes: [CommitVote]

    /// Makes keys and signatures: seconds for the default size.
    public init(_ size: Size = Size()) throws(ApplicationFailure) {
        let hosts = (0..<size.hosts).map { LoadHost($0) }
        self.hosts = hosts.count
        var parameters = ProtocolParameters.devnet
        parameters.rounds.confirmationsPerEpoch = 2
        parameters.economy.vestingEpochs = size.vestingEpochs
        // So that the weight of the second epoch needs collateral.
        parameters.economy.collateralGraceEpochs = 1
        let models = (0..<size.models).map { EpochLoad.model("model-\($0)") }
        let genesis = GenesisState(
            parameters: parameters,
            accounts: hosts.map { GenesisAccount(address: $0.address, balance: Amount(200 * Amount.ngonkaPerGNK)) },
            models: models, hosts: hosts.map { $0.genesis(serving: models.map(\.id)) })
        let app = try LedgerApp(storage: MemoryStorage())
        _ = try app.initChain(
            InitChainRequest(
                chainID: TransferLoad.chainID, genesisTimeMilliseconds: 0, applicationState: genesis.encoded()))
        nextEpochHeight = parameters.chain.epochBlocks * EpochLoad.epoch + 1
        for height in 1..<nextEpochHeight - EpochLoad.blocksLeft {
            _ = try app.finalizeBlock(OrderedBlock(height: height, transactions: []))
            try app.commit()
        }
        do {
            state = try EpochWork(of: hosts, models: models.map(\.id), size: size, parameters).written(into: app.state)
        } catch {
            throw ApplicationFailure("the work of an epoch cannot be written down: \(error)")
        }
        votes = hosts.prefix(size.validators).enumerated().map { index, host in
            CommitVote(
                validator: Bytes(Hash32.sha256(host.consensusKey).bytes.prefix(Address.length)),
                isPresent: index >= size.absent)
        }
    }

    private static func model(_ id: String) -> ModelRecord {
        let price = 1_000 * TokenPrices.scale
        return ModelRecord(
            id: id, fileHash: .zero, vocabulary: 49_152, contextTokens: 8_192, coefficientPartsPerMillion: 1_000_000,
            prices: TokenPrices(input: price, cachedInput: price, output: price), thresholds: .smolLM2)
    }
}

/// A host by its number.
struct LoadHost {
    let address: Address
    let consensusKey: Bytes
    private let registration: MsgRegisterHost
    private let number: Int

    init(_ number: Int) {
        self.number = number
        let account = TransferLoad.key(UInt64(number)).publicKey
        let seed = Secret(Hash32.sha256(utf8: "consensus key \(number)").bytes)
        guard let key = ConsensusPrivateKey(seed) else { preconditionFailure("32 bytes are a seed") }
        (address, consensusKey) = (account.address, key.publicKey.bytes)
        let statement = ConsensusKeyStatement(chainID: TransferLoad.chainID, host: account.address).encoded()
        registration = MsgRegisterHost(
            host: account.address, url: "https://host-\(number).example:8443/v1",
            operatorKey: TransferLoad.key(UInt64(number) | 1 << 32).publicKey.compressed,
            consensusKey: key.publicKey.bytes,
            consensusSignature: key.sign(SigningDomain.consensusKey.digest(statement).bytes), models: [])
    }

    /// A number from 0 that has no pattern.
    func chance(_ purpose: String, below bound: UInt64) -> UInt64 {
        Hash32.sha256(utf8: "\(purpose) \(number)").firstWord % bound
    }

    func genesis(serving models: [String]) -> GenesisHost {
        var registration = registration
        registration.models = models
        return GenesisHost(
            registration: registration,
            weights: models.map { GenesisWeight(model: $0, weight: 20_000 + chance("weight \($0)", below: 60_000)) })
    }
}
