import Primitives

/// Turns a stream of bytes into whole characters of UTF-8: a token may end in the middle of one.
///
/// The texts it gives, joined, equal `String(decoding: allBytes, as: UTF8.self)`.
public struct CharacterAssembler: Sendable {
    /// At most three bytes: the beginning of a character.
    private var pending: Bytes = []

    public init() {}

    /// The text that is complete now. Bytes that cannot become UTF-8 give U+FFFD.
    public mutating func append(_ bytes: Bytes) -> String {
        pending += bytes
        let complete = pending.count - CharacterAssembler.unfinishedCount(pending)
        let text = String(decoding: pending[..<complete], as: UTF8.self)
        pending.removeFirst(complete)
        return text
    }

    /// What is left at the end of the stream: U+FFFD for an unfinished character, else nothing.
    public mutating func finish() -> String {
        defer { pending = [] }
        return String(decoding: pending, as: UTF8.self)
    }

    /// How many bytes at the end may still become a character: a lead byte and valid continuations, but not all of them.
    private static func unfinishedCount(_ bytes: Bytes) -> Int {
        for count in 1...3 where count <= bytes.count {
            let tail = bytes.suffix(count)
            guard let lead = tail.first, lead & 0xc0 != 0x80 else { continue }
            return count < length(of: lead) && isValidStart(Array(tail)) ? count : 0
        }
        return 0
    }

    private static func length(of lead: UInt8) -> Int {
        switch lead {
        case 0xc2...0xdf: 2
        case 0xe0...0xef: 3
        case 0xf0...0xf4: 4
        default: 1
        }
    }

    /// Whether the second byte can follow the first (Unicode 15, table 3-7): else the lead is already broken.
    private static func isValidStart(_ bytes: Bytes) -> Bool {
        guard bytes.count > 1 else { return true }
        switch bytes[0] {
        case 0xe0: return bytes[1] >= 0xa0
        case 0xed: return bytes[1] <= 0x9f
        case 0xf0: return bytes[1] >= 0x90
        case 0xf4: return bytes[1] <= 0x8f
        default: return true
        }
    }
}
