import OpenAIWire

/// The bounds of a host. An operator may choose others.
public struct Limits: Sendable {
    /// Requests that may wait for the engine beyond those that it runs at once; more are refused with 503.
    public var waitingMax = 64
    /// From a request's start to its first token: waiting, reading the prompt. Then it is refused with 503.
    public var firstTokenMax = Duration.seconds(60)
    /// Between two tokens of an answer; an engine that is silent for longer has failed.
    public var tokenSilenceMax = Duration.seconds(30)
    /// What a refusal for load tells the client to wait, in seconds.
    public var retryAfterSeconds: UInt32 = 1
    /// Sessions whose records are kept in memory between two blocks.
    public var sessionsCachedMax = 4_096
    /// Reads of the ledger for one request that may fail before the request is refused.
    public var ledgerAttemptsMax = 4
    /// The wait after the first failed read; it doubles with each.
    public var ledgerBackOff = Duration.milliseconds(50)
    /// Looks at the ledger that may fail in a row before requests are refused: nobody knows then who may still pay.
    public var ledgerSilenceMax = 60
    /// Serving rounds for which items, with their requests and answers, are kept after they were settled.
    public var settledRoundsKept: UInt64 = 4
    /// Item trees kept in memory to prove items from.
    public var treesCachedMax = 8
    /// Items written with one sync.
    public var groupItemsMax = 256

    /// What a request may ask for. One answer a request: each further choice would be a request of its own.
    public var openAI: OpenAILimits = {
        var limits = OpenAILimits()
        limits.choicesMax = 1
        return limits
    }()

    public init() {}

    /// The longest voucher header, in characters; a voucher takes about 280.
    static let voucherHeaderMax = 1_024
    /// Bytes of one record of an item log: the longest request, and an answer of a million tokens. Part of the format.
    static let recordBytesMax = 64 << 20
}
