import Primitives
import WireFormat

/// How a leaf is hashed, as a proof says it: ICS-23's `LeafOp`, with the one value that its `TendermintSpec` has.
///
/// A verifier that followed what a proof says could be led to the same hash by another key and value, so every other value is
/// refused when read.
public struct LeafOperation: Equatable, Sendable {
    /// The number of SHA-256 in ICS-23's `HashOp`.
    static var sha256: UInt64 { 1 }
    /// The number of protobuf's varint before key and value hash in ICS-23's `LengthOp`.
    private static var varint: UInt64 { 1 }
    /// Field 2, a hash of the key, is never there: keys are hashed as they are.
    private static var fields: [UInt32] { [1, 3, 4, 5] }

    public init() {}
}

extension LeafOperation: CanonicalMessage {
    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var missing = LeafOperation.fields[...]
        while let field = try decoder.nextField() {
            let isRight =
                switch field {
                case 1, 3: try decoder.unsigned() == LeafOperation.sha256
                case 4: try decoder.unsigned() == LeafOperation.varint
                case 5: try decoder.data() == [NodeHash.leafTag]
                default: throw decoder.unknownField()
                }
            guard isRight else { throw decoder.invalidValue() }
            missing.removeAll { $0 == field }
        }
        if let number = missing.first { throw .missingField(number: number) }
        self.init()
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(LeafOperation.sha256, field: 1)
        encoder.write(LeafOperation.sha256, field: 3)
        encoder.write(LeafOperation.varint, field: 4)
        encoder.write([NodeHash.leafTag], field: 5)
    }
}
