import Primitives
import SwiftProtobuf
import WireFormat

/// Bytes that protobuf reads and ADR-027 forbids, and the name under which this network refuses them.
struct ForbiddenForm {
    let name: String
    let bytes: Bytes
    let error: WireError

    /// Every form that the fields of `message` allow; each differs from the canonical bytes in one place.
    static func all<Message: CrossChecked>(of message: Message) throws -> [ForbiddenForm] {
        let fields = RawField.read(message.encoded()) ?? []
        let declared = try FieldRecorder.fields(of: message.generated)
        let numbers = fields.map(\.number)
        var forms = ofWhole(fields)
        for field in declared {
            guard let index = numbers.firstIndex(of: field.number) else { continue }
            let spelling = Spelling(fields: fields, index: index)
            forms += ofEvery(field, spelling)
            switch fields[index].content {
            case .number: forms += ofNumber(field, spelling)
            case .payload where field.isPacked: forms += ofPacked(field, spelling, fields[index])
            case .payload:
                forms += ofPayload(field, spelling, isFixed: Message.fixedLengthFields.contains(field.number))
            }
            guard !field.isRepeated else { continue }
            let error: WireError =
                Message.isChoice ? .unknownField(number: field.number) : .fieldOutOfOrder(number: field.number)
            forms.append(spelling.form("twice", fields[index].bytes + fields[index].bytes, error))
        }
        return forms
    }

    /// No message has this number: it is the greatest that protobuf allows.
    private static let strange: UInt32 = 536_870_911

    private static func ofWhole(_ fields: [RawField]) -> [ForbiddenForm] {
        let bytes = fields.flatMap(\.bytes)
        var forms = [
            ForbiddenForm(
                name: "a field that nobody knows", bytes: bytes + RawField.tag(strange, type: 0) + [1],
                error: .unknownField(number: strange)),
            ForbiddenForm(
                name: "a field of four bytes", bytes: bytes + RawField.tag(strange, type: 5) + [1, 2, 3, 4],
                error: .wrongWireType(number: strange)),
        ]
        if let first = fields.first, let last = fields.last, first.number < last.number {
            forms.append(
                ForbiddenForm(
                    name: "the last field first", bytes: (last.bytes + fields.dropLast().flatMap(\.bytes)),
                    error: .fieldOutOfOrder(number: first.number)))
        }
        return forms
    }

    private static func ofEvery(_ field: DeclaredField, _ spelling: Spelling) -> [ForbiddenForm] {
        let otherType =
            spelling.isNumber
            ? RawField.tag(field.number, type: 2) + [1, 0x61] : RawField.tag(field.number, type: 0) + [1]
        return [
            spelling.form(
                "a tag longer than needed", padded(spelling.field.tag) + spelling.field.body, .nonMinimalVarint),
            spelling.form("another wire type", otherType, .wrongWireType(number: field.number)),
            spelling.form(
                "eight bytes", RawField.tag(field.number, type: 1) + Bytes(repeating: 1, count: 8),
                .wrongWireType(number: field.number)),
        ]
    }

    private static func ofNumber(_ field: DeclaredField, _ spelling: Spelling) -> [ForbiddenForm] {
        let tag = spelling.field.tag
        var forms = [spelling.form("an explicit default", tag + [0], .defaultValueWritten(number: field.number))]
        if spelling.field.body.count < longestVarint {
            forms.append(
                spelling.form("a number longer than needed", tag + padded(spelling.field.body), .nonMinimalVarint))
        }
        // SwiftProtobuf drops what does not fit; for a bool everything but 0 is true.
        if field.type != "uint64" {
            let wide = ProtobufEncoder.varint(1 << 32 | 2)
            forms.append(spelling.form("a number over its type", tag + wide, .invalidValue(number: field.number)))
        }
        return forms
    }

    private static func ofPayload(_ field: DeclaredField, _ spelling: Spelling, isFixed: Bool) -> [ForbiddenForm] {
        let tag = spelling.field.tag
        var forms = [spelling.form("a length longer than needed", tag + spelling.paddedLength, .nonMinimalVarint)]
        let isMessage = field.type.contains(".")
        if !field.isRepeated, !isMessage {
            let error: WireError =
                isFixed ? .invalidValue(number: field.number) : .defaultValueWritten(number: field.number)
            forms.append(spelling.form("an explicit default", tag + [0], error))
        }
        return forms
    }

    private static func ofPacked(_ field: DeclaredField, _ spelling: Spelling, _ raw: RawField) -> [ForbiddenForm] {
        guard case .payload(let payload) = raw.content else { return [] }
        var elements: [Bytes] = []
        for byte in payload {
            if let last = elements.last?.last, last >= 0x80 {
                elements[elements.count - 1].append(byte)
            } else {
                elements.append([byte])
            }
        }
        func packed(_ elements: some Sequence<Bytes>) -> Bytes {
            RawField(number: field.number, content: .payload(elements.flatMap { $0 })).bytes
        }
        let single = RawField.tag(field.number, type: 0)
        return [
            spelling.form(
                "repeated numbers unpacked", elements.flatMap { single + $0 }, .wrongWireType(number: field.number)),
            spelling.form(
                "packed in two pieces", packed(elements.prefix(1)) + packed(elements.dropFirst()),
                .fieldOutOfOrder(number: field.number)),
            spelling.form("an explicit default", packed([]), .defaultValueWritten(number: field.number)),
            spelling.form("a packed 0 in two bytes", packed(elements + [[0x80, 0]]), .nonMinimalVarint),
        ]
    }

    /// Bytes of a varint at most: a number of ten cannot be written longer.
    private static let longestVarint = 10

    /// The same number in one byte more.
    private static func padded(_ varint: Bytes) -> Bytes {
        varint.dropLast() + [(varint.last ?? 0) | 0x80, 0]
    }
}

extension DeclaredField {
    /// Of the repeated kinds, the numbers.
    fileprivate var isPacked: Bool { isRepeated && type == "uint64" }
}

/// One field among the others, to be written in another way.
private struct Spelling {
    let fields: [RawField]
    let index: Int

    var field: RawField { fields[index] }

    var isNumber: Bool {
        if case .number = field.content { true } else { false }
    }

    func form(_ name: String, _ bytes: Bytes, _ error: WireError) -> ForbiddenForm {
        ForbiddenForm(
            name: "field \(field.number), \(name)",
            bytes: fields[..<index].flatMap(\.bytes) + bytes + fields[(index + 1)...].flatMap(\.bytes), error: error)
    }

    /// The payload behind a length of one byte more than needed.
    var paddedLength: Bytes {
        guard case .payload(let payload) = field.content else { return field.body }
        var length = ProtobufEncoder.varint(UInt64(payload.count))
        length[length.count - 1] |= 0x80
        return length + [0] + payload
    }
}
