import Primitives

/// Reads JSON strictly (RFC 8259): UTF-8 only, no byte order mark, no trailing comma, no comment, no key twice, no half
/// surrogate, nothing after the value. Two parties that read the same bytes get the same value or both refuse.
///
/// Takes time in proportion to the bytes and never traps. Deterministic.
public struct JSONParser {
    let bytes: Bytes
    let limits: JSONLimits
    var position = 0
    private var values = 0

    private init(_ bytes: Bytes, _ limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    /// The value that the whole of `bytes` spells.
    public static func parse(_ bytes: Bytes, limits: JSONLimits = JSONLimits()) throws(JSONError) -> JSONValue {
        guard bytes.count <= limits.bytesMax else {
            throw JSONError(.tooLong(bytesMax: limits.bytesMax), offset: limits.bytesMax)
        }
        guard !bytes.starts(with: [0xef, 0xbb, 0xbf]) else { throw JSONError(.byteOrderMark, offset: 0) }
        var parser = JSONParser(bytes, limits)
        let value = try parser.value(depth: 0)
        parser.skipWhiteSpace()
        guard parser.position == bytes.count else { throw parser.error(.bytesAfterValue) }
        return value
    }

    /// The error at the current byte.
    func error(_ reason: JSONError.Reason) -> JSONError { JSONError(reason, offset: position) }

    /// The error for a byte that no rule allows here, or for the end.
    func unexpected() -> JSONError {
        position < bytes.count ? error(.unexpectedByte(bytes[position])) : error(.unexpectedEnd)
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        skipWhiteSpace()
        guard position < bytes.count else { throw error(.unexpectedEnd) }
        values += 1
        guard values <= limits.valuesMax else { throw error(.tooManyValues(valuesMax: limits.valuesMax)) }
        switch bytes[position] {
        case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), 0x30...0x39: return .number(try number())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: throw unexpected()
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
        try enter(depth)
        var elements: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return elements }
        while true {
            elements.append(try value(depth: depth))
            if take(UInt8(ascii: "]")) { return elements }
            guard take(UInt8(ascii: ",")) else { throw unexpected() }
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
        try enter(depth)
        var members: [JSONObject.Member] = []
        if take(UInt8(ascii: "}")) { return JSONObject(members) }
        members.reserveCapacity(4)
        var check = JSONKeyCheck()
        while true {
            let start = try beginKey()
            let key = try string()
            guard check.isNew(key, after: members) else { throw JSONError(.duplicateKey(key), offset: start) }
            guard take(UInt8(ascii: ":")) else { throw unexpected() }
            members.append(JSONObject.Member(key: key, value: try value(depth: depth)))
            if take(UInt8(ascii: "}")) { return JSONObject(members) }
            guard take(UInt8(ascii: ",")) else { throw unexpected() }
        }
    }

    /// Moves to the quotation mark that opens a key, and says where that is.
    private mutating func beginKey() throws(JSONError) -> Int {
        skipWhiteSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { throw unexpected() }
        return position
    }

    private mutating func enter(_ depth: Int) throws(JSONError) {
        guard depth <= limits.depthMax else { throw error(.tooDeep(depthMax: limits.depthMax)) }
        position += 1
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        for index in 0..<word.utf8CodeUnitCount {
            guard position < bytes.count, bytes[position] == word.utf8Start[index] else { throw unexpected() }
            position += 1
        }
        return value
    }

    /// Skips white space, then `byte` if it is next.
    private mutating func take(_ byte: UInt8) -> Bool {
        skipWhiteSpace()
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipWhiteSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0a, 0x0d: position += 1
            default: return
            }
        }
    }
}

/// Says whether a key is there already, by bytes: looks through the members while they are few, then keeps a set, so that
/// many keys stay linear.
private struct JSONKeyCheck {
    private static let membersMax = 16
    private var set: Set<Key> = []

    private struct Key: Hashable {
        let text: String
        static func == (left: Key, right: Key) -> Bool { left.text.hasSameBytes(as: right.text) }
        func hash(into hasher: inout Hasher) { for byte in text.utf8 { hasher.combine(byte) } }
    }

    /// Whether `key` differs from the keys of `members`, which must be those of all the calls before.
    mutating func isNew(_ key: String, after members: [JSONObject.Member]) -> Bool {
        if members.count < JSONKeyCheck.membersMax { return !members.contains { $0.key.hasSameBytes(as: key) } }
        if set.isEmpty { set = Set(members.map { Key(text: $0.key) }) }
        return set.insert(Key(text: key)).inserted
    }
}
