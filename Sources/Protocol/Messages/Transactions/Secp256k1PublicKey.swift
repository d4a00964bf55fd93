import Primitives
import WireFormat

/// `/cosmos.crypto.secp256k1.PubKey`.
public struct Secp256k1PublicKey: CanonicalMessage, Equatable {
    public static let typeURL = "/cosmos.crypto.secp256k1.PubKey"

    /// 33 bytes, compressed.
    public var key: Bytes

    public init(key: Bytes) { self.key = key }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        key = []
        while let field = try decoder.nextField() {
            switch field {
            case 1: key = try decoder.data()
            default: throw decoder.unknownField()
            }
        }
    }

    public func encode(to encoder: inout ProtobufEncoder) { encoder.write(key, field: 1) }

    /// With the type's name, as a signer info carries it.
    public var packed: AnyMessage { AnyMessage(typeURL: Self.typeURL, value: encoded()) }
}
