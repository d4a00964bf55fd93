/// A key's name: 1 to 64 of `a`–`z`, `0`–`9`, `-`, `_`, beginning with a letter or digit. It becomes a file name, so it can
/// neither leave the directory nor hide in it, nor differ from another in case only.
public struct KeyName: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let description: String

    /// Reads a name, or nil for any other text.
    public init?(_ text: String) {
        let characters = Array(text.utf8)
        guard (1...Limits.keyNameLengthMax).contains(characters.count), let first = characters.first,
            KeyName.isLetterOrDigit(first),
            characters.allSatisfy({ KeyName.isLetterOrDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") })
        else { return nil }
        description = text
    }

    public static func < (left: KeyName, right: KeyName) -> Bool { left.description < right.description }

    private static func isLetterOrDigit(_ character: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(character)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(character)
    }
}
