/// The named maxima of this target.
enum Limits {
    /// Requests that may wait for a free sequence; the next one is refused as `.overloaded`.
    static let waitingRequests = 64
    /// Users' requests that may begin before an audit that waits.
    static let usersBeforeAudit = 8
    /// Tokens that one step may feed where nobody waits for a next token.
    static let batchTokens = 512
    /// Prompt tokens that one step may feed beside sequences that generate: it bounds how long a newcomer's long prompt
    /// holds up everybody's next token.
    static let promptTokensBesideGeneration = 64
    /// Output positions that one step may score: each needs a row of logits, 197 kB for 49 152 of them.
    static let scoredRows = 64
    /// Tokens of a text that are embedded between two steps: each makes a row of logits, too.
    static let embeddedTokens = 64
    /// Bytes that a model's file is read at a time for its hash.
    static let readBytes = 1 << 20
    /// Sequences of one engine, since each step lists them all.
    static let sequences = 256
}
