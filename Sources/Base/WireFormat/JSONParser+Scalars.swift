import Primitives

extension JSONParser {
    /// A number; `position` is on its first character.
    mutating func number() throws(JSONError) -> JSONNumber {
        let start = position
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        let leadsWithZero = position < bytes.count && bytes[position] == UInt8(ascii: "0")
        let integerDigits = try digits()
        if leadsWithZero && integerDigits > 1 { throw JSONError(.invalidNumber, offset: start) }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            _ = try digits()
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            _ = try digits()
        }
        guard position - start <= limits.numberLengthMax else {
            throw JSONError(.numberTooLong(lengthMax: limits.numberLengthMax), offset: start)
        }
        return JSONNumber(validated: String(decoding: bytes[start..<position], as: UTF8.self))
    }

    /// Skips digits, at least one, and says how many.
    private mutating func digits() throws(JSONError) -> Int {
        let start = position
        while position < bytes.count, bytes[position] >= 0x30, bytes[position] <= 0x39 { position += 1 }
        if position == bytes.count && position == start { throw error(.unexpectedEnd) }
        guard position > start else { throw error(.invalidNumber) }
        return position - start
    }

    /// A string; `position` is on its opening quotation mark.
    mutating func string() throws(JSONError) -> String {
        let opening = position
        position += 1
        let first = try plainRun()
        if bytes[position] == UInt8(ascii: "\"") {
            position += 1
            return try text(bytes[first], opening: opening)
        }
        var unescaped = Bytes(bytes[first])
        while bytes[position] == UInt8(ascii: "\\") {
            try appendEscape(to: &unescaped)
            unescaped.append(contentsOf: bytes[try plainRun()])
        }
        position += 1
        return try text(unescaped[...], opening: opening)
    }

    private func text(_ slice: ArraySlice<UInt8>, opening: Int) throws(JSONError) -> String {
        // ASCII, as most strings are, needs no validation, which is not specialised to bytes.
        if slice.allSatisfy({ $0 < 0x80 }) { return String(decoding: slice, as: UTF8.self) }
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw JSONError(.invalidUTF8, offset: opening)
        }
        return text
    }

    /// Moves to the next quotation mark or backslash, and says what lies before it.
    private mutating func plainRun() throws(JSONError) -> Range<Int> {
        let start = position
        position = endOfPlainWords(from: position)
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): return start..<position
            case 0..<0x20: throw error(.rawControlCharacter)
            default: position += 1
            }
        }
        throw error(.unexpectedEnd)
    }

    /// Where the last of the words that hold only plain bytes ends: most of a prompt is read here, eight bytes at a time.
    private func endOfPlainWords(from start: Int) -> Int {
        let raw = bytes.span.bytes
        var index = start
        while index + 8 <= raw.byteCount {
            let word = raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            if JSONWord.holdsQuoteBackslashOrControl(word) { break }
            index += 8
        }
        return index
    }

    /// Reads one escape; `position` is on its backslash.
    private mutating func appendEscape(to text: inout Bytes) throws(JSONError) {
        position += 1
        guard position < bytes.count else { throw error(.unexpectedEnd) }
        let escape = bytes[position]
        position += 1
        switch escape {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(escape)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0c)
        case UInt8(ascii: "n"): text.append(0x0a)
        case UInt8(ascii: "r"): text.append(0x0d)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: try escapedScalar().utf8)
        default: throw JSONError(.invalidEscape, offset: position - 1)
        }
    }

    /// Reads what follows `\u`, and a second escape where the first is the high half of a pair.
    private mutating func escapedScalar() throws(JSONError) -> Unicode.Scalar {
        let start = position - 2
        let high = try fourHexDigits()
        if let scalar = Unicode.Scalar(high) { return scalar }
        guard high < 0xdc00, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { throw JSONError(.loneSurrogate, offset: start) }
        position += 2
        let low = try fourHexDigits()
        guard low >= 0xdc00, low < 0xe000, let scalar = Unicode.Scalar(0x10000 + (high - 0xd800) << 10 + (low - 0xdc00))
        else { throw JSONError(.loneSurrogate, offset: start) }
        return scalar
    }

    private mutating func fourHexDigits() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard position < bytes.count else { throw error(.unexpectedEnd) }
            switch bytes[position] {
            case 0x30...0x39: value = value << 4 | UInt32(bytes[position] - 0x30)
            case 0x41...0x46: value = value << 4 | UInt32(bytes[position] - 0x41 + 10)
            case 0x61...0x66: value = value << 4 | UInt32(bytes[position] - 0x61 + 10)
            default: throw error(.invalidEscape)
            }
            position += 1
        }
        return value
    }
}
