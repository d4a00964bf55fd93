import Primitives
import WireFormat

/// Changes in bytes that mostly stay readable: fields dropped, doubled, swapped, added and given other values, at every
/// depth.
enum WireMutation {
    static func apply(to bytes: Bytes, _ values: inout RandomValues, depth: Int = 6) -> Bytes {
        guard depth > 0, var fields = RawField.read(bytes), !fields.isEmpty, values.next() % 8 > 0 else {
            return changingOneByte(of: bytes, &values)
        }
        let index = Int.random(in: fields.indices, using: &values)
        switch values.next() % 8 {
        case 0: fields.remove(at: index)
        case 1: fields.insert(fields[index], at: index)
        case 2: fields.swapAt(index, Int.random(in: fields.indices, using: &values))
        case 3: fields.insert(strange(&values), at: index)
        default:
            switch fields[index].content {
            case .number: fields[index].content = .number(values.number())
            case .payload(let payload): fields[index].content = .payload(changed(payload, &values, depth: depth))
            }
        }
        return fields.flatMap(\.bytes)
    }

    private static func changed(_ payload: Bytes, _ values: inout RandomValues, depth: Int) -> Bytes {
        switch values.next() % 6 {
        case 0: []
        case 1: Bytes(payload.dropLast())
        case 2: payload + [0]
        default: apply(to: payload, &values, depth: depth - 1)
        }
    }

    private static func strange(_ values: inout RandomValues) -> RawField {
        let number = UInt32.random(in: 1...20, using: &values)
        return RawField(
            number: number, content: values.decide() ? .number(values.number()) : .payload(values.bytes(upTo: 40)))
    }

    private static func changingOneByte(of bytes: Bytes, _ values: inout RandomValues) -> Bytes {
        guard !bytes.isEmpty else { return [UInt8(truncatingIfNeeded: values.next())] }
        var changed = bytes
        changed[Int.random(in: bytes.indices, using: &values)] = UInt8(truncatingIfNeeded: values.next())
        return changed
    }
}
