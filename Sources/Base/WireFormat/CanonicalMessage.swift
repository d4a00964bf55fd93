import Primitives

/// A value with exactly one byte form, in protobuf.
public protocol CanonicalMessage: Sendable {
    /// Reads every field; throws for bytes that are not canonical or miss a field that must be there.
    init(from decoder: inout ProtobufDecoder) throws(WireError)

    /// Writes every field in ascending order.
    func encode(to encoder: inout ProtobufEncoder)
}

extension CanonicalMessage {
    /// The canonical bytes.
    public func encoded() -> Bytes {
        var encoder = ProtobufEncoder()
        encode(to: &encoder)
        return encoder.bytes
    }

    /// Reads the whole of `bytes`; `encoded()` of the result gives `bytes` back.
    public static func decode(_ bytes: Bytes) throws(WireError) -> Self {
        var decoder = ProtobufDecoder(bytes)
        return try Self(from: &decoder)
    }
}
