import Cryptography
import Primitives

/// The secret that an ML node and its hosts share: whoever has it may use the engine.
public struct AccessToken: Sendable {
    /// 64 hex digits where this project made it.
    public let text: String

    /// From the text of a file; white space around it does not count.
    ///
    /// - Returns: nil for what cannot stand in a header, or is too short to be a secret.
    public init?(_ text: String) {
        let scalars = text.unicodeScalars.drop { $0.properties.isWhitespace }
        let trimmed = String(
            String.UnicodeScalarView(scalars.reversed().drop { $0.properties.isWhitespace }.reversed()))
        guard (Self.lengthMin...Self.lengthMax).contains(trimmed.utf8.count),
            trimmed.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return nil }
        self.text = trimmed
    }

    /// A new one: 32 random bytes.
    public static func random() -> AccessToken {
        AccessToken(known: Hex.encode(Secret.random(count: 32).copiedBytes()))
    }

    private init(known text: String) { self.text = text }

    private static let lengthMin = 16
    private static let lengthMax = 4_096

    /// The value of the header `Authorization`.
    public var header: String { "Bearer " + text }

    /// Whether a request has the token. Takes the same time for all wrong ones.
    public func admits(header value: String?) -> Bool {
        guard let value else { return false }
        return Hash32.sha256(Bytes(value.utf8)).bytes.equalsInConstantTime(Hash32.sha256(Bytes(header.utf8)).bytes)
    }
}
