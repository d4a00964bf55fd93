import Primitives

/// Writes JSON piece by piece, without white space: the same calls give the same bytes. Commas and colons come by
/// themselves; that every `begin` has its `end` and every value in an object its key is up to the caller.
///
/// Control characters and U+2028 and U+2029 are escaped, so that a text can break neither a line nor a script it is put in.
public struct JSONWriter: Sendable {
    /// What has been written so far.
    public private(set) var bytes: Bytes
    private let sortingKeys: Bool
    private var commaIsDue = false

    /// `sortingKeys` orders the members of every `JSONValue` by the bytes of their keys; `capacity` saves growing.
    public init(sortingKeys: Bool = false, capacity: Int = 256) {
        self.sortingKeys = sortingKeys
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    public mutating func beginObject() { begin(UInt8(ascii: "{")) }
    public mutating func endObject() { end(UInt8(ascii: "}")) }
    public mutating func beginArray() { begin(UInt8(ascii: "[")) }
    public mutating func endArray() { end(UInt8(ascii: "]")) }

    /// The key of the value that is written next.
    public mutating func key(_ key: String) {
        separate()
        appendString(key)
        bytes.append(UInt8(ascii: ":"))
        commaIsDue = false
    }

    public mutating func writeNull() { writeText("null") }
    public mutating func write(_ value: Bool) { writeText(value ? "true" : "false") }
    public mutating func write(_ value: UInt64) { writeText(String(value)) }
    public mutating func write(_ value: Int64) { writeText(String(value)) }
    public mutating func write(_ value: JSONNumber) { writeText(value.text) }

    public mutating func write(_ value: String) {
        separate()
        appendString(value)
        commaIsDue = true
    }

    public mutating func write(_ value: JSONValue) {
        switch value {
        case .null: writeNull()
        case .boolean(let value): write(value)
        case .number(let value): write(value)
        case .string(let value): write(value)
        case .array(let elements):
            beginArray()
            for element in elements { write(element) }
            endArray()
        case .object(let object):
            beginObject()
            for member in ordered(object.members) {
                key(member.key)
                write(member.value)
            }
            endObject()
        }
    }

    private func ordered(_ members: [JSONObject.Member]) -> [JSONObject.Member] {
        sortingKeys ? members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) } : members
    }

    private mutating func begin(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        commaIsDue = false
    }

    private mutating func end(_ bracket: UInt8) {
        bytes.append(bracket)
        commaIsDue = true
    }

    private mutating func separate() { if commaIsDue { bytes.append(UInt8(ascii: ",")) } }

    private mutating func writeText(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
        commaIsDue = true
    }

    private mutating func appendString(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        // Nil only for a string that is not stored as UTF-8, such as one bridged from Objective-C.
        if text.utf8.withContiguousStorageIfAvailable({ appendEscaped($0) }) == nil {
            Bytes(text.utf8).withUnsafeBufferPointer { appendEscaped($0) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func appendEscaped(_ utf8: UnsafeBufferPointer<UInt8>) {
        var plainFrom = 0
        var index = 0
        while true {
            index = JSONWriter.endOfPlainWords(utf8, from: index)
            guard index < utf8.count else { break }
            let length = JSONWriter.escapedLength(utf8, at: index)
            if length > 0 {
                bytes.append(contentsOf: utf8[plainFrom..<index])
                appendEscape(utf8[index..<(index + length)])
                plainFrom = index + length
            }
            index += max(1, length)
        }
        bytes.append(contentsOf: utf8[plainFrom...])
    }

    /// Where the last of the words that hold nothing to escape ends.
    private static func endOfPlainWords(_ utf8: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        let raw = UnsafeRawBufferPointer(utf8)
        var index = start
        while index + 8 <= raw.count {
            let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            if JSONWord.holdsQuoteBackslashOrControl(word) || JSONWord.holds(0xe2, word) { break }
            index += 8
        }
        return index
    }

    /// How many bytes from `index` on make one character that must be escaped; 0 where it need not.
    private static func escapedLength(_ utf8: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
        switch utf8[index] {
        case 0..<0x20, UInt8(ascii: "\""), UInt8(ascii: "\\"): return 1
        case 0xe2:
            // U+2028 and U+2029 are E2 80 A8 and E2 80 A9.
            guard index + 2 < utf8.count, utf8[index + 1] == 0x80 else { return 0 }
            return utf8[index + 2] & 0xfe == 0xa8 ? 3 : 0
        default: return 0
        }
    }

    private mutating func appendEscape(_ character: Slice<UnsafeBufferPointer<UInt8>>) {
        bytes.append(UInt8(ascii: "\\"))
        switch (character.count, character.last ?? 0) {
        case (3, let last): bytes.append(contentsOf: last == 0xa8 ? "u2028".utf8 : "u2029".utf8)
        case (_, 0x08): bytes.append(UInt8(ascii: "b"))
        case (_, 0x09): bytes.append(UInt8(ascii: "t"))
        case (_, 0x0a): bytes.append(UInt8(ascii: "n"))
        case (_, 0x0c): bytes.append(UInt8(ascii: "f"))
        case (_, 0x0d): bytes.append(UInt8(ascii: "r"))
        case (_, let control) where control < 0x20: bytes.append(contentsOf: "u00\(Hex.encode([control]))".utf8)
        case (_, let other): bytes.append(other)
        }
    }
}
