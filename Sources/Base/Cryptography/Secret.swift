import Crypto
import Primitives

/// Bytes that must not get into a log, a crash report or an answer: it has no description, no encoding and no equality
/// operator, and its memory is overwritten when the last copy goes.
///
/// Copies share one buffer. `copiedBytes()` leaves this protection, so call it only where the secret is to be stored.
public struct Secret: Sendable {
    // swift-crypto overwrites a key's memory on release and compares keys in constant time.
    private let storage: SymmetricKey

    public init(_ bytes: Bytes) { storage = SymmetricKey(data: bytes) }

    init(_ code: HashedAuthenticationCode<SHA512>) { storage = SymmetricKey(data: code) }

    private init(storage: SymmetricKey) { self.storage = storage }

    /// `count` bytes of the system's cryptographic randomness.
    public static func random(count: Int) -> Secret { Secret(storage: SymmetricKey(size: .init(bitCount: count * 8))) }

    /// The number of bytes.
    public var count: Int { storage.bitCount / 8 }

    /// Lends the bytes for the length of a call.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try storage.withUnsafeBytes(body)
    }

    /// Lends the address of the bytes to a C function; nil where there are none.
    func withPointer<Result>(_ body: (UnsafePointer<UInt8>) -> Result) -> Result? {
        withUnsafeBytes { $0.baseAddress.map { body($0.assumingMemoryBound(to: UInt8.self)) } }
    }

    /// The bytes as an ordinary array, which nothing overwrites.
    public func copiedBytes() -> Bytes { withUnsafeBytes { Bytes($0) } }

    /// Whether both hold the same bytes, in a time that depends on their lengths only.
    public func equalsInConstantTime(_ other: Secret) -> Bool { storage == other.storage }

    /// The part of the secret in `range` of its bytes.
    func part(_ range: Range<Int>) -> Secret { withUnsafeBytes { Secret(Bytes($0[range])) } }
}

/// Something that tells nothing about itself however it is printed, dumped or interpolated.
public protocol Redacted: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {}

extension Redacted {
    public var description: String { "«redacted»" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension Secret: Redacted {}
