import Cryptography
import HTTPEdge
import Primitives

/// What whoever administers a gateway shows: 64 hex digits in a file of one line.
public struct AdminToken: Sendable {
    /// The text.
    public let text: String

    /// From the text of a file; a line end does not count.
    ///
    /// - Returns: nil for fewer than 16 or more than 256 bytes, or bytes that are no visible ASCII.
    public init?(_ text: String) {
        let trimmed = String(text.filter { !$0.isNewline })
        guard (16...256).contains(trimmed.utf8.count), trimmed.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            return nil
        }
        self.text = trimmed
    }

    private init(known text: String) { self.text = text }

    /// A new one: 32 random bytes.
    public static func random() -> AdminToken {
        AdminToken(known: Hex.encode(Secret.random(count: 32).copiedBytes()))
    }

    /// Whether the value of `Authorization` has it. Takes the same time for all wrong ones.
    func admits(_ authorization: String?) -> Bool {
        guard let shown = authorization.flatMap({ Authorizer.bearer($0) }) else { return false }
        return Hash32.sha256(utf8: shown).bytes.equalsInConstantTime(Hash32.sha256(utf8: text).bytes)
    }
}

/// Where a gateway is administered.
public struct AdminDoor: Sendable {
    /// A port of its own, on loopback unless somebody says otherwise.
    public var address: EdgeServer.Address
    public var token: AdminToken

    public init(address: EdgeServer.Address, token: AdminToken) {
        self.address = address
        self.token = token
    }
}
