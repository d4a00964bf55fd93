import Cryptography
import Primitives

/// The name of a block, and with it of all before it.
enum BlockHash {
    private static let domain = Bytes("gonka/block/v1".utf8)

    /// SHA256(`gonka/block/v1` ‖ chain id ‖ BE64 height ‖ previous hash ‖ app hash ‖ RFC 6962 root of the transactions ‖
    /// BE64 milliseconds).
    ///
    /// Only fixed-length fields follow the chain id, so that its length needs no prefix.
    ///
    /// - Parameters:
    ///   - record: gives height, previous hash, time and transactions, and the app hash before the block. Its own hash is
    ///     not read.
    static func compute(_ record: BlockRecord, chainID: String) -> Hash32 {
        var hasher = SHA256Hasher()
        hasher.update(domain)
        hasher.update(Bytes(chainID.utf8))
        hasher.update(bigEndian: record.height)
        hasher.update(record.parentHash)
        hasher.update(record.appHashBefore)
        hasher.update(RFC6962.root(of: record.transactions))
        hasher.update(bigEndian: record.timeMilliseconds)
        return hasher.finalize()
    }
}
