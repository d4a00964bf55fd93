import Cryptography
import Messages
import Primitives
import WireFormat

/// A transaction whose signature was checked against a chain, a key and an account number.
///
/// Verification reads no state: the caller says which key and number the account has, and the result remembers them. So it
/// may run anywhere, beforehand and in parallel; the block only compares.
struct VerifiedTransaction: Sendable {
    let transaction: DecodedTransaction
    let publicKey: PublicKey
    let accountNumber: UInt64

    init(
        _ transaction: DecodedTransaction, publicKey: PublicKey, accountNumber: UInt64, chainID: String
    ) throws(LedgerError) {
        let document = SignDocument(
            bodyBytes: transaction.raw.bodyBytes, authInfoBytes: transaction.raw.authInfoBytes, chainID: chainID,
            accountNumber: accountNumber)
        guard let signature = Signature(compact: transaction.raw.signatures[0]) else {
            throw TransactionRejection.unauthorized("a signature is 64 bytes, r and s, with low s").error
        }
        guard publicKey.verify(signature, of: Hash32.sha256(document.encoded())) else {
            throw TransactionRejection.unauthorized(
                "the signature does not verify for chain \(chainID) and account number \(accountNumber)"
            ).error
        }
        self.transaction = transaction
        self.publicKey = publicKey
        self.accountNumber = accountNumber
    }
}
