/// Judges the header `Content-Type` of a request (RFC 9110 section 8.3).
public enum ContentType {
    /// Whether a body of this type may be read: `application/json`, with no parameter but `charset=utf-8`. Anything else,
    /// none included, is 415: a form or another charset could mean something else to the next reader.
    public static func isJSON(_ value: String?) -> Bool {
        guard let value else { return false }
        let parts = value.utf8.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map(normalised)
        guard parts.first == "application/json" else { return false }
        return parts.dropFirst().allSatisfy { $0 == "charset=utf-8" || $0 == "charset=\"utf-8\"" }
    }

    /// Without white space around it, ASCII letters in lower case.
    private static func normalised(_ part: Substring.UTF8View.SubSequence) -> String {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        let trimmed = part.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
        let lowered = trimmed.map { $0 >= 0x41 && $0 <= 0x5a ? $0 | 0x20 : $0 }
        return String(decoding: lowered, as: UTF8.self)
    }
}
