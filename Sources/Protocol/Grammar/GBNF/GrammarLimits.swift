/// How much one grammar may ask of its reader: it comes from whoever sends a request.
public enum GrammarLimits {
    /// The longest grammar, in bytes of its text.
    public static let bytesMax = 256 << 10
    /// The most rules, those that repetitions make included.
    public static let rulesMax = 8192
    /// The most nodes of the compiled network; a repetition counts once for each of its copies.
    public static let nodesMax = 131_072
    /// The highest number in `{m,n}`.
    public static let repetitionMax = 4096
    /// How deep groups may be nested in one rule.
    public static let nestingMax = 64
    /// The most code point ranges in one character class.
    public static let classRangesMax = 1024
    /// The most rules that are open at once while a text is read. A text that is nested deeper is no word.
    public static let stackDepthMax = 32
    /// The most readings of one text that are followed at once. A text that has more is no word.
    public static let stacksMax = 256
}
