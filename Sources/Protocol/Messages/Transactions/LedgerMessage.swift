import Cryptography
import Primitives
import WireFormat

/// A message that a transaction can carry.
public protocol LedgerMessage: CanonicalMessage {
    /// Its name in an `Any`, for example `/gonka.v1.MsgOpenSession`.
    static var typeURL: String { get }

    /// The account that must have signed.
    var signer: Address { get }
}

extension LedgerMessage {
    /// The message with its type's name, ready for a transaction body.
    public var packed: AnyMessage { AnyMessage(typeURL: Self.typeURL, value: encoded()) }
}

extension ProtobufDecoder {
    /// A bech32 address with the prefix `gonka`, as Cosmos messages write accounts. In lower case: people may type either
    /// case, but a message has one form.
    mutating func account(repeated: Bool = false) throws(WireError) -> Address {
        let text = try identifier(repeated: repeated)
        let isLowerCase = !text.utf8.contains { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
        guard isLowerCase, let address = Address(bech32: text) else { throw invalidValue() }
        return address
    }
}

/// The value of a field that canonical bytes may leave out only by mistake.
func required<Value>(_ value: Value?, field: UInt32) throws(WireError) -> Value {
    guard let value else { throw .missingField(number: field) }
    return value
}
