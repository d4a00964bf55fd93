import Cryptography
import Messages
import Primitives
import WireFormat

/// A host with its three keys; the same name gives the same keys in every run.
public struct TestHost: Sendable {
    /// The cold key: funds, registration, retirement.
    public let account: TestAccount
    /// The warm key: claims and receipts.
    public let operatorAccount: TestAccount
    public let consensusKey: ConsensusPrivateKey

    public var address: Address { account.address }

    public init(_ name: String) {
        account = TestAccount("host \(name)")
        operatorAccount = TestAccount("operator of \(name)")
        let seed = Secret(Hash32.sha256(utf8: "gonka test consensus key \(name)").bytes)
        guard let key = ConsensusPrivateKey(seed) else { preconditionFailure("32 bytes are a seed") }
        consensusKey = key
    }

    /// The message that makes it a host.
    public func registration(
        chainID: String = TestLedger.chainID, url: String = "http://127.0.0.1:8001", models: [String]
    ) -> MsgRegisterHost {
        let statement = ConsensusKeyStatement(chainID: chainID, host: address).encoded()
        return MsgRegisterHost(
            host: address, url: url, operatorKey: operatorAccount.key.publicKey.compressed,
            consensusKey: consensusKey.publicKey.bytes,
            consensusSignature: consensusKey.sign(SigningDomain.consensusKey.digest(statement).bytes), models: models)
    }
}
