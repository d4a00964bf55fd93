import Foundation
import SwiftProtobuf

/// A field as `proto/` declares it.
struct DeclaredField: Hashable {
    let number: UInt32
    /// The word of the proto language, `enum`, or the full name of a message.
    let type: String
    let isRepeated: Bool
}

/// Writes down which fields of a message are there, and as what SwiftProtobuf has them.
struct FieldRecorder: SwiftProtobuf.Visitor {
    private(set) var fields: [DeclaredField] = []

    static func fields(of message: some SwiftProtobuf.Message) throws -> [DeclaredField] {
        var recorder = FieldRecorder()
        try message.traverse(visitor: &recorder)
        return recorder.fields
    }

    private mutating func record(_ type: String, _ number: Int, isRepeated: Bool = false) {
        fields.append(DeclaredField(number: UInt32(number), type: type, isRepeated: isRepeated))
    }

    mutating func visitSingularDoubleField(value: Double, fieldNumber: Int) { record("double", fieldNumber) }
    mutating func visitSingularInt32Field(value: Int32, fieldNumber: Int) { record("int32", fieldNumber) }
    mutating func visitSingularInt64Field(value: Int64, fieldNumber: Int) { record("int64", fieldNumber) }
    mutating func visitSingularUInt32Field(value: UInt32, fieldNumber: Int) { record("uint32", fieldNumber) }
    mutating func visitSingularUInt64Field(value: UInt64, fieldNumber: Int) { record("uint64", fieldNumber) }
    mutating func visitSingularBoolField(value: Bool, fieldNumber: Int) { record("bool", fieldNumber) }
    mutating func visitSingularStringField(value: String, fieldNumber: Int) { record("string", fieldNumber) }
    mutating func visitSingularBytesField(value: Data, fieldNumber: Int) { record("bytes", fieldNumber) }
    mutating func visitSingularEnumField<E: SwiftProtobuf.Enum>(value: E, fieldNumber: Int) {
        record("enum", fieldNumber)
    }
    mutating func visitSingularMessageField<M: SwiftProtobuf.Message>(value: M, fieldNumber: Int) {
        record(M.protoMessageName, fieldNumber)
    }
    mutating func visitRepeatedStringField(value: [String], fieldNumber: Int) {
        record("string", fieldNumber, isRepeated: true)
    }
    mutating func visitRepeatedBytesField(value: [Data], fieldNumber: Int) {
        record("bytes", fieldNumber, isRepeated: true)
    }
    mutating func visitRepeatedMessageField<M: SwiftProtobuf.Message>(value: [M], fieldNumber: Int) {
        record(M.protoMessageName, fieldNumber, isRepeated: true)
    }
    mutating func visitPackedUInt64Field(value: [UInt64], fieldNumber: Int) {
        record("uint64", fieldNumber, isRepeated: true)
    }
    mutating func visitMapField<K, V: MapValueType>(
        fieldType: _ProtobufMap<K, V>.Type, value: _ProtobufMap<K, V>.BaseType, fieldNumber: Int
    ) { record("map", fieldNumber) }
    mutating func visitMapField<K, V>(
        fieldType: _ProtobufEnumMap<K, V>.Type, value: _ProtobufEnumMap<K, V>.BaseType, fieldNumber: Int
    ) where V.RawValue == Int { record("map", fieldNumber) }
    mutating func visitMapField<K, V>(
        fieldType: _ProtobufMessageMap<K, V>.Type, value: _ProtobufMessageMap<K, V>.BaseType, fieldNumber: Int
    ) { record("map", fieldNumber) }
    mutating func visitUnknown(bytes: Data) { record("unknown", 0) }
}
