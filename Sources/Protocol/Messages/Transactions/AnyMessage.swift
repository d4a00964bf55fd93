import Primitives
import WireFormat

/// `google.protobuf.Any`: a message with the name of its type.
public struct AnyMessage: CanonicalMessage, Equatable {
    /// For example `/cosmos.bank.v1beta1.MsgSend`.
    public var typeURL: String
    public var value: Bytes

    public init(typeURL: String, value: Bytes) {
        self.typeURL = typeURL
        self.value = value
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        typeURL = ""
        value = []
        while let field = try decoder.nextField() {
            switch field {
            case 1: typeURL = try decoder.identifier()
            case 2: value = try decoder.data()
            default: throw decoder.unknownField()
            }
        }
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(typeURL, field: 1)
        encoder.write(value, field: 2)
    }
}
