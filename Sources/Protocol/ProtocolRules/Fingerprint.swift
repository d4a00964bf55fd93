import Cryptography
import Primitives

/// The log-probabilities that tie an answer to the model that gave it, in 1/512 nats (protocol.md section 4): per chosen
/// position the taken token's, then the designated token's.
public struct Fingerprint: Hashable, Sendable {
    /// Two values a position, in [−32768, 0] up to rounding, −32768 standing for −64 nats and less.
    public let values: [Int16]

    /// The most bytes that a fingerprint takes.
    public static let maximumByteCount = FingerprintPositions.maximumCount * 2 * 2
    /// The length of a commitment's salt.
    public static let saltLength = 16

    /// - Parameter values: two for each of at most 16 positions; nil otherwise.
    public init?(values: [Int16]) {
        guard values.count.isMultiple(of: 2), values.count <= 2 * FingerprintPositions.maximumCount else { return nil }
        self.values = values
    }

    /// Reads Int16 big-endian values; nil for a length that no fingerprint has.
    public init?(bytes: Bytes) {
        guard bytes.count.isMultiple(of: 2), bytes.count <= Self.maximumByteCount else { return nil }
        self.init(
            values: stride(from: 0, to: bytes.count, by: 2).map {
                Int16(bitPattern: UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]))
            })
    }

    /// Every value as Int16 big-endian, in order.
    public var bytes: Bytes {
        values.flatMap { value in
            let bits = UInt16(bitPattern: value)
            return [UInt8(truncatingIfNeeded: bits >> 8), UInt8(truncatingIfNeeded: bits)]
        }
    }

    /// SHA256(salt ‖ fingerprint): what the item states before anyone may see the values.
    ///
    /// - Parameter salt: 16 random bytes, secret until the opening; nil is returned for another length.
    public func commitment(salt: Bytes) -> Hash32? {
        guard salt.count == Self.saltLength else { return nil }
        return .sha256(salt + bytes)
    }

    /// Σ|a − b| over the values, in 1/512 nats; nil where the two cover different numbers of positions.
    public func difference(from other: Fingerprint) -> UInt64? {
        guard values.count == other.values.count else { return nil }
        return zip(values, other.values).reduce(0) { $0 + UInt64((Int32($1.0) - Int32($1.1)).magnitude) }
    }
}
