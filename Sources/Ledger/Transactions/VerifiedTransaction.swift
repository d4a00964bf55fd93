import Cryptography
import Messages
import OrderingAPI
import Primitives
import WireFormat

/// A transaction whose signature was checked against a chain, the signer's key and its account number.
///
/// Verification reads no state: the caller says which key and number the account has, and the result remembers them. So it
/// may run anywhere, beforehand and in parallel; the block only compares.
final class VerifiedTransaction: VerifiedBytes {
    let hash: Hash32
    let decoded: DecodedTransaction
    /// The key whose address is the signer's: there is no other.
    let publicKey: Bytes
    let accountNumber: UInt64

    /// - Parameters:
    ///   - hash: SHA-256 of the bytes that `transaction` was read from.
    ///   - known: the key that the account has used before, empty where it never has.
    init(
        _ transaction: DecodedTransaction, hash: Hash32, known: Bytes, accountNumber: UInt64, chainID: String
    ) throws(LedgerError) {
        let key = try VerifiedTransaction.key(of: transaction, known: known)
        let document = SignDocument(
            bodyBytes: transaction.bodyBytes, authInfoBytes: transaction.authInfoBytes, chainID: chainID,
            accountNumber: accountNumber)
        guard let signature = Signature(compact: transaction.signature) else {
            throw TransactionRejection.unauthorized("a signature is 64 bytes, r and s, with low s").error
        }
        guard key.verify(signature, of: Hash32.sha256(document.encoded())) else {
            throw TransactionRejection.unauthorized(
                "the signature does not verify for chain \(chainID) and account number \(accountNumber)"
            ).error
        }
        self.hash = hash
        decoded = transaction
        publicKey = key.compressed
        self.accountNumber = accountNumber
    }

    private static func key(of transaction: DecodedTransaction, known: Bytes) throws(LedgerError) -> PublicKey {
        let bytes = transaction.carriedKey ?? known
        guard !bytes.isEmpty else {
            throw TransactionRejection.invalidPublicKey("none is carried and none known").error
        }
        guard let key = PublicKey(compressed: bytes) else {
            throw TransactionRejection.invalidPublicKey("not a compressed secp256k1 point of 33 bytes").error
        }
        // A key that the account has used before was compared with its address then.
        guard bytes == known || key.address == transaction.signer else {
            throw TransactionRejection.invalidPublicKey("it is not the key of \(transaction.signer.bech32)").error
        }
        return key
    }
}
