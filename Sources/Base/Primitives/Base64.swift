/// Base64 of RFC 4648, read strictly: one text for each byte string, so that a signed or hashed text cannot be respelled.
public enum Base64 {
    /// Which 64 characters, and whether `=` fills the last group.
    public enum Form: Sendable {
        /// `+` and `/`, with padding (section 4).
        case standard
        /// `-` and `_`, without padding (section 5): fits into headers and URLs.
        case urlSafe
    }

    private static let standardAlphabet = Bytes("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let urlSafeAlphabet = Bytes("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    private static let padding = UInt8(ascii: "=")

    /// The text of `bytes`.
    public static func encode(_ bytes: Bytes, _ form: Form = .standard) -> String {
        let alphabet = form == .standard ? standardAlphabet : urlSafeAlphabet
        var text = Bytes()
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for position in 0...group.count { text.append(alphabet[Int(bits >> UInt32(18 - 6 * position) & 63)]) }
            if form == .standard { text.append(contentsOf: repeatElement(padding, count: 3 - group.count)) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of `text`; nil for a character of the other form, white space, padding that is missing or too much, or
    /// bits behind the last byte that are not 0.
    public static func decode(_ text: String, _ form: Form = .standard) -> Bytes? {
        var characters = Bytes(text.utf8)[...]
        if form == .standard {
            guard characters.count.isMultiple(of: 4) else { return nil }
            for _ in 0..<2 where characters.last == padding { characters.removeLast() }
        }
        var bytes = Bytes()
        bytes.reserveCapacity(characters.count / 4 * 3 + 2)
        var bits: UInt32 = 0
        var bitCount: UInt32 = 0
        for character in characters {
            guard let value = value(character, form) else { return nil }
            bits = bits << 6 | value
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(bits >> bitCount))
                bits &= 1 << bitCount - 1
            }
        }
        return bitCount < 6 && bits == 0 ? bytes : nil
    }

    private static func value(_ character: UInt8, _ form: Form) -> UInt32? {
        switch (character, form) {
        case (UInt8(ascii: "A")...UInt8(ascii: "Z"), _): UInt32(character - UInt8(ascii: "A"))
        case (UInt8(ascii: "a")...UInt8(ascii: "z"), _): UInt32(character - UInt8(ascii: "a")) + 26
        case (UInt8(ascii: "0")...UInt8(ascii: "9"), _): UInt32(character - UInt8(ascii: "0")) + 52
        case (UInt8(ascii: "+"), .standard), (UInt8(ascii: "-"), .urlSafe): 62
        case (UInt8(ascii: "/"), .standard), (UInt8(ascii: "_"), .urlSafe): 63
        default: nil
        }
    }
}
