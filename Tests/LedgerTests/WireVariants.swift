import Primitives
import WireFormat

/// Neighbours of a message's bytes: every number at its edges, every field left out, doubled, emptied, cut and made long,
/// at every depth. Some are canonical and some are not.
enum WireVariants {
    static let edges: [UInt64] = [0, 1, 2, 1 << 31, 1 << 32, 1 << 63, .max - 1, .max]

    static func of(_ bytes: Bytes, depth: Int = 6) -> [Bytes] {
        guard depth > 0, let fields = fields(of: bytes), !fields.isEmpty else { return [] }
        var variants: [Bytes] = []
        for (index, field) in fields.enumerated() {
            func with(_ replacement: Bytes) -> Bytes {
                fields[..<index].flatMap(\.bytes) + replacement + fields[(index + 1)...].flatMap(\.bytes)
            }
            variants.append(with([]))
            variants.append(with(field.bytes + field.bytes))
            switch field.value {
            case .number:
                variants += edges.map { with(field.tag + ProtobufEncoder.varint($0)) }
            case .payload(let payload):
                let texts = [[], Bytes(payload.dropLast()), payload + [0], Bytes(repeating: 0x61, count: 1_000)]
                for text in texts + of(payload, depth: depth - 1) {
                    variants.append(with(field.tag + ProtobufEncoder.varint(UInt64(text.count)) + text))
                }
            }
        }
        return variants
    }

    private struct Field {
        enum Value {
            case number
            case payload(Bytes)
        }

        let tag: Bytes
        let value: Value
        let bytes: Bytes
    }

    /// The fields of what may be a message; nil where it is none.
    private static func fields(of bytes: Bytes) -> [Field]? {
        var fields: [Field] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let start = rest
            guard let tag = varint(&rest), tag >> 3 > 0, tag >> 3 < 3_000 else { return nil }
            let tagBytes = Bytes(start.prefix(start.count - rest.count))
            guard let number = varint(&rest) else { return nil }
            switch tag & 7 {
            case 0:
                fields.append(
                    Field(tag: tagBytes, value: .number, bytes: Bytes(start.prefix(start.count - rest.count))))
            case 2:
                guard number <= UInt64(rest.count) else { return nil }
                let payload = Bytes(rest.prefix(Int(number)))
                rest = rest.dropFirst(Int(number))
                fields.append(
                    Field(tag: tagBytes, value: .payload(payload), bytes: Bytes(start.prefix(start.count - rest.count)))
                )
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
