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
    /// Tokens of all requests of one priority that wait; one more is refused as `.overloaded`, unless it is the only one. A
    /// minute's reading on two cores, which is as long as a host waits for a first token.
    static let waitingTokens = 32_768
    /// Of so many steps, one reads whose turn it is, whether somebody waits for it or not.
    static let stepsOfAnyonesReading = 4
    /// Steps that may fail one after the other before the context is made anew.
    static let failedStepsMax = 3
    /// How long an engine that cannot make its context waits before it tries again, in seconds.
    static let rebuildPauseSeconds = 10
    /// Tokens of a sequence that may move to another place: a copy of more takes longer than what it saves.
    static let movedTokensMax = 4_096
    /// Tokens of an earlier prompt that are worth their copy.
    static let sharedTokensMin = 16
    /// Earlier prompts that are kept, since each new one is compared with all of its scope.
    static let keptPrefixes = 1_024
    /// Bytes that a model's file is read at a time for its hash.
    static let readBytes = 1 << 20
    /// Sequences of one engine, since each step lists them all.
    static let sequences = 256
}
