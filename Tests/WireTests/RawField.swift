import Primitives
import WireFormat

/// A field of a message on the wire.
struct RawField: Equatable {
    enum Content: Equatable {
        case number(UInt64)
        case payload(Bytes)
    }

    let number: UInt32
    var content: Content

    /// Varint 0, eight bytes 1, length-delimited 2, four bytes 5.
    static func tag(_ number: UInt32, type: UInt64) -> Bytes { ProtobufEncoder.varint(UInt64(number) << 3 | type) }

    /// Tag, then the number or length and payload, all as short as they can be.
    var bytes: Bytes { tag + body }

    var tag: Bytes {
        switch content {
        case .number: RawField.tag(number, type: 0)
        case .payload: RawField.tag(number, type: 2)
        }
    }

    var body: Bytes {
        switch content {
        case .number(let number): ProtobufEncoder.varint(number)
        case .payload(let payload): ProtobufEncoder.varint(UInt64(payload.count)) + payload
        }
    }

    /// The fields of a message that uses varint and length-delimited only; nil for bytes that are none.
    static func read(_ bytes: Bytes) -> [RawField]? {
        var fields: [RawField] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let tag = varint(&rest), let number = UInt32(exactly: tag >> 3), number > 0,
                let value = varint(&rest)
            else { return nil }
            switch tag & 7 {
            case 0: fields.append(RawField(number: number, content: .number(value)))
            case 2:
                guard value <= UInt64(rest.count) else { return nil }
                fields.append(RawField(number: number, content: .payload(Bytes(rest.prefix(Int(value))))))
                rest = rest.dropFirst(Int(value))
            default: return nil
            }
        }
        return fields
    }

    private static func varint(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
        var (value, shift) = (UInt64(0), UInt64(0))
        while let byte = bytes.popFirst(), shift < 64 {
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }
}
