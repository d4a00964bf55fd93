import OpenAIWire
import ProtocolRules

/// The bounds of a host. An operator may choose others.
public struct Limits: Sendable {
    /// Requests that may wait for the engine beyond those that it runs at once; more are refused with 503.
    public var waitingMax = 64
    /// What is sold to others of what the owner does not need.
    public var selling = SellingTerms()
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
    /// Rounds that are read after a start: a claim may have been carried three times, a few rounds each time.
    public var roundsLookedBackMax: UInt64 = 64
    /// Serving rounds for which items, with their requests and answers, are kept after they were settled.
    public var settledRoundsKept: UInt64 = 4
    /// Item trees kept in memory to prove items from.
    public var treesCachedMax = 8
    /// Items written with one sync.
    public var groupItemsMax = 256
    /// Duty messages whose last try is remembered.
    public var dutiesRememberedMax = 1_024
    /// Failures of an engine one after the other after which it takes no more of a round's synthetic work.
    public var engineFailuresMax = 3
    /// Items of synthetic work that one engine makes at once, however many it says it can.
    public var sprintLanesMax = 256
    /// The wait after an engine had no room for synthetic work.
    public var engineBackOff = Duration.milliseconds(200)
    /// Samples that are fetched and scored at once.
    public var auditsAtOnceMax = 8
    /// Samples in one message: what the ledger takes.
    public var auditedSamplesMax = 1_024
    /// The wait after a sample could not be fetched; it doubles with each, up to the longest.
    public var auditBackOff = Duration.milliseconds(250)
    public var auditBackOffMax = Duration.seconds(10)
    /// Times that one auditor may have one sample's item: more than it needs on a bad connection.
    public var auditAnswersMax = 8
    /// What an auditor that asked too often is told to wait, in seconds.
    public var auditRefusalSeconds: UInt32 = 60
    /// Items that are handed out to auditors at once.
    public var auditAnswersAtOnceMax = 8
    /// How far the height of an auditor's request may be from this host's, in blocks.
    public var auditRequestAgeMax: UInt64 = 16
    /// How long a witness waits for an executor's first byte: longer than an executor may take to its first token.
    public var witnessWait = Duration.seconds(90)
    /// Requests that are forwarded as a witness at once, in all and for one session.
    public var witnessingAtOnceMax = 16
    public var witnessingAtOncePerSessionMax = 4
    /// Requests of one session that are forwarded as a witness in one serving round: what the ledger counts of one executor.
    public var witnessingPerSessionMax = MissRules.missesPerExecutorMax
    /// What a gateway that asked too often is told to wait, in seconds.
    public var witnessRefusalSeconds: UInt32 = 60
    /// Seeds that witnesses are drawn with, kept in memory: more than the intervals of a round.
    public var seedsCachedMax = 128

    /// What a request may ask for.
    public var openAI = OpenAILimits()

    public init() {}

    /// Bytes of an answer's log-probabilities that are kept for a repeat; of more none are.
    static let logprobsKeptMax = 4 << 20
    /// Characters, and log-probabilities, of a stored answer that go out as one event.
    static let storedPieceCharacters = 4_096
    static let storedPieceLogprobs = 64
    /// The longest voucher header, in characters; a voucher takes about 280.
    static let voucherHeaderMax = 1_024
    /// Bytes of one record of an item log: the longest request, and an answer of a million tokens. Part of the format.
    static let recordBytesMax = 64 << 20
    /// Bytes of an auditor's signed request.
    package static let auditRequestBytesMax = 1_024
    /// Bytes of an item as auditors get it: the longest request, and an answer of a million tokens.
    package static let auditPayloadBytesMax = 20 << 20
}
