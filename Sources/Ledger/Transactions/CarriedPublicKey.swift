import Messages
import Primitives
import WireFormat

/// `cosmos.crypto.secp256k1.PubKey`, as a signer info carries it.
enum CarriedPublicKey {
    /// The 33 bytes, or nil where none is carried.
    static func read(_ packed: AnyMessage?) throws(LedgerError) -> Bytes? {
        guard let packed else { return nil }
        guard packed.typeURL == Secp256k1PublicKey.typeURL else {
            throw TransactionRejection.invalidPublicKey("only \(Secp256k1PublicKey.typeURL) is known").error
        }
        do throws(WireError) {
            return try Secp256k1PublicKey.decode(packed.value).key
        } catch {
            throw TransactionRejection.invalidPublicKey("\(error)").error
        }
    }
}
