import Cryptography
import Foundation
import Messages
import Primitives
import ProtocolRules
import WireFormat

/// The first state of a network on this machine, a devnet or one of separate daemons: hosts with equal weights that nobody
/// proved, a developer with coins, a faucet.
enum LocalGenesis {
    private static let developerCoins = Amount(10_000 * Amount.ngonkaPerGNK)
    private static let hostCoins = Amount(1_000 * Amount.ngonkaPerGNK)
    /// For duty messages beyond the free ones.
    private static let operatorCoins = Amount(10 * Amount.ngonkaPerGNK)
    private static let faucetCoins = Amount(1_000_000 * Amount.ngonkaPerGNK)
    private static let weight: UInt64 = 1_000

    /// - Parameters:
    ///   - parameters: the cast's.
    ///   - consensusKeys: of each host, where somebody has them; random ones else, which nobody keeps.
    ///   - model: the one that every host serves.
    ///   - hostURL: the URL of a host by its index, from 0.
    static func make(
        _ keys: LocalKeys, chainID: String = DevnetLayout.chainID, parameters: ProtocolParameters,
        consensusKeys: [ConsensusPrivateKey] = [], model: ModelRecord, hostURL: (Int) -> String
    ) throws -> GenesisFile {
        var accounts = [
            GenesisAccount(address: keys.developer.publicKey.address, balance: developerCoins),
            GenesisAccount(address: keys.faucet.publicKey.address, balance: faucetCoins),
        ]
        accounts += keys.hosts.map { GenesisAccount(address: $0.publicKey.address, balance: hostCoins) }
        accounts += keys.operators.map { GenesisAccount(address: $0.publicKey.address, balance: operatorCoins) }
        let hosts = keys.hosts.indices.map { index in
            GenesisHost(
                registration: registration(
                    of: keys.hosts[index], operatedBy: keys.operators[index],
                    signedBy: consensusKeys.isEmpty ? .random() : consensusKeys[index], in: chainID,
                    url: hostURL(index), serving: model.id),
                weights: [GenesisWeight(model: model.id, weight: weight)])
        }
        let state = GenesisState(parameters: parameters, accounts: accounts, models: [model], hosts: hosts)
        return GenesisFile(
            chainID: chainID, timeMilliseconds: UInt64(Date.now.timeIntervalSince1970 * 1_000),
            state: state)
    }

    private static func registration(
        of host: PrivateKey, operatedBy operatorKey: PrivateKey, signedBy consensus: ConsensusPrivateKey,
        in chainID: String, url: String, serving model: String
    ) -> MsgRegisterHost {
        let address = host.publicKey.address
        let statement = ConsensusKeyStatement(chainID: chainID, host: address)
        return MsgRegisterHost(
            host: address, url: url, operatorKey: operatorKey.publicKey.compressed,
            consensusKey: consensus.publicKey.bytes,
            consensusSignature: consensus.sign(SigningDomain.consensusKey.digest(statement.encoded()).bytes),
            models: [model])
    }
}
