/// What a host believes of a node: beyond these no model of today goes.
public enum Limits {
    /// Logits.
    public static let vocabularyMax: UInt32 = 1 << 20
    /// Prompt and output of one sequence, in tokens.
    public static let contextTokensMax = 16 << 20
    /// Sequences at once.
    public static let sequencesMax = 65_536
    /// Models of one node.
    static let modelsMax = 1_024
    /// Characters of a node's reason that go into this side's log.
    static let reasonCharactersMax = 512
    /// Messages of one conversation.
    public static let messagesMax = 10_000
}
