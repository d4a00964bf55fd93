import Cryptography
import Messages
import Primitives
import WireFormat

/// A transaction before it is signed. Every part can be changed, so that a test can sign what no wallet would.
public struct TestTransaction: Sendable {
    public var body: TransactionBody
    public var authentication: AuthenticationInfo
    public var chainID = TestLedger.chainID
    public var accountNumber: UInt64

    /// One signer's transaction as wallets make it, without a fee.
    public init(_ messages: [any LedgerMessage], by key: PublicKey, accountNumber: UInt64, sequence: UInt64) {
        body = TransactionBody(messages: messages.map(\.packed))
        let publicKey = Secp256k1PublicKey(key: key.compressed).packed
        authentication = AuthenticationInfo(
            signerInfos: [SignerInfo(publicKey: publicKey, sequence: sequence)],
            fee: TransactionFee(amount: [], gasLimit: 200_000))
        self.accountNumber = accountNumber
    }

    /// The signed bytes.
    public func signed(by key: PrivateKey) -> Bytes {
        let document = SignDocument(
            bodyBytes: body.encoded(), authInfoBytes: authentication.encoded(), chainID: chainID,
            accountNumber: accountNumber)
        let signature = key.sign(.sha256(document.encoded()))
        return TransactionRaw(
            bodyBytes: document.bodyBytes, authInfoBytes: document.authInfoBytes, signatures: [signature.compact]
        ).encoded()
    }

    /// Sets the fee; zero leaves its coins out.
    public mutating func offer(_ fee: Amount) { authentication.fee.amount = fee > .zero ? [Coin(fee)] : [] }

    /// Sets the fee that the length asks for, the fee's own digits included.
    public mutating func offer(perByte: UInt64) {
        for _ in 0..<3 {
            let bytes = TransactionRaw(
                bodyBytes: body.encoded(), authInfoBytes: authentication.encoded(),
                signatures: [Bytes(repeating: 0, count: Signature.length)]
            ).encoded()
            offer(Amount(perByte * UInt64(bytes.count)))
        }
    }
}
