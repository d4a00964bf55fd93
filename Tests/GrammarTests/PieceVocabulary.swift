import Grammar
import Primitives

/// Small vocabularies with what is difficult in real ones.
enum PieceVocabulary {
    static let end: UInt32 = 0
    static let control: UInt32 = 1

    /// A token a byte, an end token and a control token.
    static let bytes = TokenTrie(
        pieces: [Bytes("</s>".utf8), []] + (0...255 as ClosedRange<UInt8>).map { [$0] }, endTokens: [end])

    /// The same with pieces of several bytes, some of which are parts of characters, or come twice.
    static let pieces = TokenTrie(
        pieces: [Bytes("</s>".utf8), []] + (0...255 as ClosedRange<UInt8>).map { [$0] } + words, endTokens: [end])

    private static let words: [Bytes] =
        [
            "{\"", "\":", "\": ", " \"", ", \"", "\",", "\"}", "\"]", "}}", "]}", "},", "[]", "{}", "[\"", "true",
            "false", "null",
            "tru", "10", "12", "-1", "0.", ".5", "e1", "E+", "name", "a\":", "ab", "abc", "b\"", "aa", "\\n", "\\\"",
            "\\u", "\\u00",
            "d8", "00", "é", "日本", "😀", "{\"a\": ", "{\"b\":1", "\"a\",\"b\"", "}\n", "\n", "<tool", "_call>",
            "</tool_call>", "a",
            "2024-", "02-29", "T12", ":00", "Z\"", "@b.c",
        ].map { Bytes($0.utf8) } + [
            [0xf0, 0x9f], [0x98, 0x80], [0xe6], [0x97, 0xa5, 0x22], [0xc3, 0xa9, 0x22], [0x22, 0x80],
        ]
}
