import Cryptography
import Primitives

/// The 32 bytes from which every random choice of one work item follows (protocol.md section 4).
public struct ItemSeed: Hashable, Sendable {
    public let hash: Hash32

    /// The seed that a work item states.
    public init(_ hash: Hash32) { self.hash = hash }

    /// The seed of a request that named one: SHA256(`gonka/seed/v1` ‖ 0x01 ‖ LE64 client seed ‖ prompt digest ‖ BE32
    /// choice). The same request gives the same tokens on any host.
    public init(clientSeed: Int64, promptDigest: Hash32, choice: UInt32) {
        var bytes = ItemSeed.domain + [1]
        bytes.appendLittleEndian(UInt64(bitPattern: clientSeed))
        bytes += promptDigest.bytes
        bytes.appendBigEndian(choice)
        hash = .sha256(bytes)
    }

    /// The seed of a request without one: SHA256(`gonka/seed/v1` ‖ 0x00 ‖ BE64 session ‖ executor's 20 address bytes ‖
    /// BE64 voucher sequence ‖ BE32 choice). Never used twice, and fixed before the executor sees the request.
    public init(session: UInt64, executor: Address, sequence: UInt64, choice: UInt32) {
        var bytes = ItemSeed.domain + [0]
        bytes.appendBigEndian(session)
        bytes += executor.bytes
        bytes.appendBigEndian(sequence)
        bytes.appendBigEndian(choice)
        hash = .sha256(bytes)
    }

    /// The seed that a request leads to at an executor: by its own seed where it has one, else by the session.
    public init(
        clientSeed: Int64?, promptDigest: Hash32, session: UInt64, executor: Address, sequence: UInt64, choice: UInt32
    ) {
        if let clientSeed {
            self.init(clientSeed: clientSeed, promptDigest: promptDigest, choice: choice)
        } else {
            self.init(session: session, executor: executor, sequence: sequence, choice: choice)
        }
    }

    private static let domain = Bytes("gonka/seed/v1".utf8)
}
