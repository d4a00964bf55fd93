/// Questions about eight bytes of a string at once, whatever their order. (Bit Twiddling Hacks, "Determine if a word has a
/// zero byte" and "… a byte less than n": exact as a yes or no for the whole word.)
enum JSONWord {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// Whether one of the bytes ends a run of plain characters: `"`, `\` or below 0x20.
    @inline(__always) static func holdsQuoteBackslashOrControl(_ word: UInt64) -> Bool {
        let found =
            zeroes(word ^ (ones &* UInt64(UInt8(ascii: "\"")))) | zeroes(word ^ (ones &* UInt64(UInt8(ascii: "\\"))))
            | ((word &- ones &* 0x20) & ~word)
        return found & highs != 0
    }

    /// Whether one of the bytes is `byte`.
    @inline(__always) static func holds(_ byte: UInt8, _ word: UInt64) -> Bool {
        zeroes(word ^ (ones &* UInt64(byte))) & highs != 0
    }

    /// A high bit is set if a byte is zero, and none if there is no zero byte.
    @inline(__always) private static func zeroes(_ word: UInt64) -> UInt64 { (word &- ones) & ~word }
}
