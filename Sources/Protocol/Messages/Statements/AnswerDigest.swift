import Cryptography
import Primitives

/// What a receipt's `answerDigest` is of: SHA-256 of the text that the client got and, for each call of a function, of the
/// byte 0xff, its name, the byte 0xff and its arguments. That byte is in no UTF-8, so no text looks like a call.
///
/// It is of what came, not of what the model wrote: a gateway can compute it from the answer alone.
public struct AnswerDigest: Sendable {
    private var hasher = SHA256Hasher()
    private static let separator: UInt8 = 0xff

    public init() {}

    /// More of the text. Nothing of it comes after a call.
    public mutating func add(text: String) { hasher.update(Bytes(text.utf8)) }

    public mutating func beginCall(_ name: String) {
        hasher.update([Self.separator])
        hasher.update(Bytes(name.utf8))
        hasher.update([Self.separator])
    }

    /// More of the arguments of the call that was begun last.
    public mutating func add(arguments: String) { hasher.update(Bytes(arguments.utf8)) }

    public func finalize() -> Hash32 { hasher.finalize() }
}
