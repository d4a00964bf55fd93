import NIOCore

/// The bounds of the gateway, each with its reason.
enum Limits {
    // MARK: Requests

    /// Hosts that one request is sent to before it is given up.
    static let attemptsMax = 3
    /// Requests at once; more are refused with 429. Fewer than the server's connections, so that there is one left to say so
    /// on, and to answer probes on.
    static let requestsMax = 896
    /// What a refusal for load tells the client to wait, in seconds.
    static let retryAfterSeconds: UInt32 = 1

    // MARK: Hosts

    static let connectTimeout = TimeAmount.seconds(5)
    /// From sending a request to the first token of a host's answer: a long prompt on a busy laptop.
    static let firstTokenTimeout = Duration.seconds(120)
    /// The longest silence within a host's answer.
    static let silenceTimeout = Duration.seconds(120)
    /// From sending a request to its answer's end.
    static let answerDuration = Duration.seconds(20 * 60)
    /// What a host may send before its first token, in bytes: a chunk for each choice, and comments.
    static let preambleBytesMax = 64 << 10
    /// Bytes of an answer that are read ahead of whoever takes it: what one reading of a socket brings.
    static let readAheadBytesMax = 16 << 10
    /// The longest text of an answer that is put together, all choices, in bytes of UTF-8.
    static let answerBytesMax = 16 << 20
    /// The longest refusal of a host that is read, in bytes.
    static let refusalBytesMax = 64 << 10
    /// Connections to one host; one for each request at once.
    static let connectionsPerHostMax = requestsMax
    /// Shorter than a host's own, so that no request goes out on a connection that is just being closed.
    static let connectionIdleTimeout = TimeAmount.seconds(30)

    // MARK: Routing

    /// How long a host that failed is tried last; twice as long for each further failure in a row, up to the maximum.
    static let quarantineMin = Duration.seconds(5)
    static let quarantineMax = Duration.seconds(5 * 60)
    /// Failures in a row that are counted.
    static let failuresCountedMax = 16
    /// How long a host comes after others for a fault that the request may have caused.
    static let suspicionDuration = Duration.seconds(5)
    /// The longest that a host which refused for load comes after others.
    static let loadPauseMax = Duration.seconds(10)
    /// How long a host that witnesses saw missing a request comes after others.
    static let missMemory = Duration.seconds(10 * 60)
    /// How long a host gets no text as long as one that it found too long.
    static let tooLongMemory = Duration.seconds(10 * 60)
    /// How long what was measured of a host is believed.
    static let paceMemory = Duration.seconds(60)
    /// The least expected time that is told apart: anything below is as good.
    static let expectedTimeMin = Duration.milliseconds(20)
    /// Pieces of an answer that are reckoned with at most: few answers use up their `max_tokens`.
    static let typicalOutputTokens: UInt64 = 256
    /// Pieces of an answer from which on its rate is measured.
    static let piecesMeasuredMin = 8
    /// How many times slower than the fastest the host with the beginning in its cache may be.
    static let affinitySlownessMax = 2
    /// Bytes of a conversation's beginning that are looked at, and fewer than which are worth no cache.
    static let prefixBytesMax = 4 << 10
    static let prefixBytesMin = 256
    /// Conversations of which it is remembered who answered last.
    static let prefixesRememberedMax = 8_192
    /// Hosts, each with one model, of which is kept how they did; and models of which is kept what is late.
    static let boardHostsMax = 4_096
    static let boardModelsMax = 256
    /// Times to a first token by which it is judged what is late, and fewer than which say nothing.
    static let firstTokenTimesMax = 256
    static let firstTokenTimesMin = 20
    /// What a request waits at least before a second host is asked beside the first, and where too little is known.
    static let hedgeDelayMin = Duration.seconds(1)
    static let hedgeDelayUnknown = Duration.seconds(3)
    /// Requests that earn one hedge: at most 5 % of requests are sent twice.
    static let requestsPerHedge = 20
    /// Hedges that quiet times save up.
    static let hedgesSavedMax = 16
    /// From a request's arrival until one of its hosts must have begun to answer.
    static let requestFirstTokenTimeout = Duration.seconds(180)
    /// With less left of that no further host is asked.
    static let attemptDurationMin = Duration.seconds(10)
    /// Requests whose way can be asked for afterwards.
    static let routesKeptMax = 1_024
    /// Hosts that are kept of one decision, those that may be asked and those that may not.
    static let routeHostsKeptMax = 16
    /// The longest id of a request or an answer that is kept, in bytes.
    static let routeIDBytesMax = 128

    /// The longest text of an answer that another host may go on with, in bytes.
    static let continuedBytesMax = 1 << 20

    // MARK: Vouchers

    /// Vouchers signed before the book must be written again; after a crash at most so many sequences are skipped.
    static let sequencesPerReservation: UInt64 = 64
    /// A reservation covers this many requests of the size that made it necessary …
    static let maximaPerReservation: UInt64 = 16
    /// … and at most this part of an allotment, so that a crash does not use a session up.
    static let reservationAllotmentDivisor: UInt64 = 16

    // MARK: Sessions

    /// Sessions of one model at once.
    static let sessionsPerModelMax = 4
    /// How long a client waits for a session to be opened for its model.
    static let sessionOpening = Duration.seconds(20)
    /// How often it is looked whether a new session's group was drawn.
    static let groupPollInterval = Duration.milliseconds(50)
    /// How long a session is looked for that the node does not know (yet).
    static let recoveryDuration = Duration.seconds(5 * 60)
    /// After a session could not be opened, how long the same answer is given without asking the ledger again, for each
    /// failure in a row.
    static let openingBackOff = Duration.seconds(3)
    /// Failures in a row that count for it.
    static let openingFailuresMax = 20
    /// Blocks before its expiry from which on a session is replaced.
    static let renewalBlocks: UInt64 = 30
    /// A session is replaced when no member has this part of its allotment left.
    static let renewalAllotmentDivisor: UInt64 = 10
    /// Blocks between two looks at the hosts' URLs and operator keys.
    static let hostReviewBlocks: UInt64 = 10
    /// How often the sessions are looked after.
    static let upkeepInterval = Duration.seconds(1)
    /// How long closing waits for open requests.
    static let drainDuration = Duration.seconds(30)
    static let drainPollInterval = Duration.milliseconds(20)

    // MARK: Misses

    /// Unanswered requests that wait for their witnesses or are with them, and the bytes of their bodies; more are dropped.
    static let missesWaitingMax = 64
    static let missesBytesMax = 32 << 20
    /// Requests whose witnesses are asked at once.
    static let missesAtOnceMax = 8
    /// Executors, each of one session, of which it is remembered how often witnesses were asked about them.
    static let missKeysMax = 4_096
    /// Longer than a witness waits for an executor.
    static let witnessTimeout = Duration.seconds(115)
    /// How long an executor that answered a witness may take with the answer that it has: it holds a place until then.
    static let secondAnswerDuration = Duration.seconds(120)
    /// Bytes of a witness's statement.
    static let missStatementBytesMax = 1_024
    /// Misses that both witnesses saw and that wait for their time to be reported; more are dropped.
    static let reportsWaitingMax = 256
    /// How often one is sent, where nobody knows what became of it or its block was full.
    static let reportSendsMax = 5
    /// A report is not sent any more where its round may settle within so many blocks.
    static let reportBlocksAhead: UInt64 = 2
    /// Rounds that are looked through for the one of a voucher's height.
    static let roundsLookedBackMax = 64

    /// The most tokens, of prompt and of output each, that a receipt may state.
    static let itemTokensMax: UInt64 = 1 << 32
    /// Inputs of one request for embeddings that hosts are asked for side by side.
    static let inputsAtOnce = 8

    // MARK: Signed requests

    /// How old a signed request may be, in nanoseconds: the network's `timestamp_expiration`.
    static let signatureAgeMax = 60 * WallClock.nanosecondsPerSecond
    /// How far ahead of this machine's clock it may be dated, in nanoseconds: the network's `timestamp_advance`.
    static let signatureAdvanceMax = 30 * WallClock.nanosecondsPerSecond
    /// Used signatures that are remembered, for a minute and a half at most; more are refused with 503. 32 bytes each.
    static let signaturesRememberedMax = 131_072

    // MARK: Discovery

    /// How long what was read of the ledger is shown to whoever asks.
    static let networkViewAge = Duration.seconds(2)
    /// Reads of single records at once, for anybody who asks; more are refused with 429.
    static let ledgerReadsMax = 16
    /// Epochs that are over and kept.
    static let epochsRememberedMax = 64
    /// Hosts whose balances one page shows.
    static let balancesShownMax = 256

    // MARK: What is told of requests

    /// The longest `X-Request-Id` of a client that is taken over, in bytes.
    static let requestIDBytesMax = 64
    /// The longest `tracestate` that is passed on, in bytes: what W3C asks for at least.
    static let traceStateBytesMax = 512
    /// Lines of the access log that wait for the disk; more are dropped.
    static let accessLinesWaitingMax = 8_192
    /// The longest path that is logged, in Unicode scalars.
    static let loggedPathScalarsMax = 256

    // MARK: Keys and models

    /// API keys in one file.
    static let apiKeysMax = 1_024
    /// The longest API key that is looked up, in bytes.
    static let apiKeyBytesMax = 256
    /// The longest name of a key or of a policy that a key's terms name, in bytes.
    static let keyNameBytesMax = 128
    /// The longest name of a policy that a gateway defines, in bytes.
    static let policyNameBytesMax = 64
    /// Policies that one gateway defines.
    static let keyPoliciesMax = 64
    /// Models that one key's terms name.
    static let keyModelsMax = 256
    /// The largest rate that a key's terms set, a minute.
    static let rateMax: UInt64 = 1_000_000_000
    /// The longest body of a request to administer the gateway, in bytes.
    static let adminBodyBytesMax = 64 << 10
    /// Keys and addresses whose spending is kept in memory at once; more are refused with 429.
    static let spendingsMax = 65_536
    /// How often what was used is written down: as much is forgotten by a crash.
    static let usageInterval = Duration.seconds(1)
    /// Days for which usage is kept by the day.
    static let usageDaysKept: UInt64 = 800
    /// Lines of one usage export.
    static let usageLinesMax = 1_000_000
    /// Bytes of text that are taken for one token where nobody has counted yet.
    static let textBytesPerToken: UInt64 = 4
    /// How often the file of API keys is read again.
    static let keysInterval = Duration.seconds(2)
    /// How often the list of models is read again.
    static let modelsInterval = Duration.seconds(5)
}
