import Metrics
import Primitives
import Telemetry

/// What is counted of a gateway, for its operator. Whoever counts decides nothing by it.
public struct GatewayMetrics: Sendable {
    /// One sentence for each name.
    public static let help = [
        "gonka_gateway_requests_total": "Requests for completions, by class of status and whether they stream.",
        "gonka_gateway_attempts_total": "Tries of requests at hosts, by what came of them up to the first token.",
        "gonka_gateway_routes_total": "Hosts that were picked, by the reason.",
        "gonka_gateway_hedges_total": "Second hosts asked beside a first whose token was late, by what came of it.",
        "gonka_gateway_broken_streams_total": "Streams that a host broke off after its first token, by fault.",
        "gonka_gateway_time_to_first_token_seconds":
            "From a request's header to what the client can be sent: a stream's first token, or a whole answer.",
        "gonka_gateway_request_duration_seconds": "From a request's header to the end of a whole answer.",
        "gonka_gateway_requests_open": "Vouchers out for requests that have not ended.",
        "gonka_gateway_sessions_open": "Sessions that take requests.",
        "gonka_gateway_models_ready": "Models with a session that takes requests.",
        "gonka_gateway_promised_gnk": "The most that requests which have not ended can cost, in GNK.",
        "gonka_gateway_spent_gnk_total":
            "Fees of receipts, and maxima of requests without one, in GNK, as counted by this process.",
        "gonka_gateway_ledger_height": "The last block that this gateway has seen.",
        "gonka_gateway_ledger_reachable": "1 where the last look at the ledger succeeded, else 0.",
    ].merging(FrontMetrics.help) { first, _ in first }

    /// The class of an answer's status.
    enum StatusClass: String, CaseIterable, Sendable {
        case success = "2xx"
        case client = "4xx"
        case server = "5xx"
        /// The client left before the end.
        case cancelled
        /// A stream that ended in an error event.
        case broken
    }

    let front: FrontMetrics
    private let timeToFirstToken: Timer
    private let requestDuration: Timer
    private let attempts: LabelledCounter<AttemptEnd>
    private let failedAttempts: LabelledCounter<FaultKind>
    private let routes: LabelledCounter<RouteReason>
    private let hedges: LabelledCounter<HedgeEnd>
    private let brokenStreams: LabelledCounter<FaultKind>
    private let spent: FloatingPointCounter
    private let ledgerReachable: Meter
    private let plain: LabelledCounter<StatusClass>
    private let streaming: LabelledCounter<StatusClass>
    private let requestsOpen: Meter
    private let sessionsOpen: Meter
    private let modelsReady: Meter
    private let promised: Meter
    private let ledgerHeight: Meter

    /// - Parameter factory: keeps the counts.
    public init(_ factory: any MetricsFactory = NOOPMetricsHandler.instance) {
        func requests(_ streams: Bool) -> LabelledCounter<StatusClass> {
            LabelledCounter(
                "gonka_gateway_requests_total", by: "status", [("streaming", "\(streams)")], factory: factory)
        }
        (plain, streaming) = (requests(false), requests(true))
        front = FrontMetrics(factory)
        timeToFirstToken = Timer(label: "gonka_gateway_time_to_first_token_seconds", factory: factory)
        requestDuration = Timer(label: "gonka_gateway_request_duration_seconds", factory: factory)
        attempts = LabelledCounter("gonka_gateway_attempts_total", by: "outcome", factory: factory)
        failedAttempts = LabelledCounter("gonka_gateway_attempts_total", by: "outcome", factory: factory)
        routes = LabelledCounter("gonka_gateway_routes_total", by: "reason", factory: factory)
        hedges = LabelledCounter("gonka_gateway_hedges_total", by: "outcome", factory: factory)
        brokenStreams = LabelledCounter("gonka_gateway_broken_streams_total", by: "fault", factory: factory)
        spent = FloatingPointCounter(label: "gonka_gateway_spent_gnk_total", factory: factory)
        requestsOpen = Meter(label: "gonka_gateway_requests_open", factory: factory)
        sessionsOpen = Meter(label: "gonka_gateway_sessions_open", factory: factory)
        modelsReady = Meter(label: "gonka_gateway_models_ready", factory: factory)
        promised = Meter(label: "gonka_gateway_promised_gnk", factory: factory)
        ledgerHeight = Meter(label: "gonka_gateway_ledger_height", factory: factory)
        ledgerReachable = Meter(label: "gonka_gateway_ledger_reachable", factory: factory)
    }

    func began(after duration: Duration) { timeToFirstToken.record(duration: duration) }

    /// Only whole answers have a duration.
    func ended(_ status: StatusClass, streams: Bool, after duration: Duration) {
        (streams ? streaming : plain).increment(status)
        if status == .success { requestDuration.record(duration: duration) }
    }

    func tried(_ outcome: Attempt.Outcome) {
        switch outcome {
        case .plain, .stream: attempts.increment(.answered)
        case .claim: attempts.increment(.claim)
        case .hostFault(let fault), .silence(let fault): failedAttempts.increment(FaultKind(fault))
        }
    }

    func clientLeft() { attempts.increment(.cancelled) }

    func outrun() { attempts.increment(.outrun) }

    func picked(_ reason: RouteReason) { routes.increment(reason) }

    func hedged(_ end: HedgeEnd) { hedges.increment(end) }

    func brokeOff(_ fault: HostFault) { brokenStreams.increment(FaultKind(fault)) }

    func spent(_ amount: Amount) { spent.increment(by: amount.gnk) }

    func show(ledgerReachable isReachable: Bool) { ledgerReachable.set(isReachable ? 1 : 0) }

    /// A picture of the sessions at one moment.
    struct Sessions: Equatable {
        var open = 0
        var modelsReady = 0
        var requestsOpen = 0
        var promised = Amount.zero
        var height: UInt64 = 0
    }

    func show(_ sessions: Sessions) {
        sessionsOpen.set(sessions.open)
        modelsReady.set(sessions.modelsReady)
        requestsOpen.set(sessions.requestsOpen)
        promised.set(sessions.promised.gnk)
        ledgerHeight.set(sessions.height)
    }
}

extension Amount {
    /// For a person's eye only.
    var gnk: Double { Double(ngonka) / Double(Amount.ngonkaPerGNK) }
}
