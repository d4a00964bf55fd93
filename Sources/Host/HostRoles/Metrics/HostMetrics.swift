import LedgerClient
import Messages
import Metrics
import ProtocolRules
import Telemetry

/// What is counted of a host, for its operator. Whoever counts decides nothing by it.
public struct HostMetrics: Sendable {
    /// One sentence for each name.
    public static let help = [
        "gonka_host_requests_total": "Requests for answers, by what came of them.",
        "gonka_host_requests_running": "Requests that have a place in the engine.",
        "gonka_host_requests_waiting": "Requests that wait for a place in the engine.",
        "gonka_host_requests_capacity": "Requests that run at once.",
        "gonka_host_prompt_tokens_total": "Tokens of the prompts of finished items.",
        "gonka_host_generation_tokens_total": "Tokens generated for finished items.",
        "gonka_host_time_to_first_token_seconds": "From a request's header to its first token.",
        "gonka_host_request_duration_seconds": "From a request's header to its receipt.",
        "gonka_host_claims_total": "Claims sent, by kind of round and what came of them.",
        "gonka_host_audits_total": "Samples looked at as an auditor, by stage and finding.",
        "gonka_host_duties_total": "Messages sent to the ledger, claims included, by kind and what came of them.",
        "gonka_host_ledger_height": "The last block that this host has seen.",
        "gonka_host_ledger_reachable": "1 where the last look at the ledger succeeded, else 0.",
    ]

    /// What came of a request.
    public enum RequestOutcome: String, CaseIterable, Sendable {
        /// Whole, from the engine or from store.
        case answered
        /// Its client left before the end.
        case cancelled
        /// The request or its voucher was at fault.
        case refused
        /// Too many, or the ledger out of sight, or about to stop.
        case overloaded
        /// The engine's or the host's own fault.
        case failed
    }

    /// What the ledger said to a message.
    enum MessageOutcome: String, CaseIterable, Sendable {
        case accepted, refused
        /// It is not known to have reached the ledger.
        case lost

        init(_ result: SubmissionResult?) { self = result.map { $0.isAccepted ? .accepted : .refused } ?? .lost }
    }

    /// What a sample was found to be.
    enum Finding: String, CaseIterable, Sendable {
        case scored, unavailable, differs
        case cannotCheck = "cannot_check"

        init(_ outcome: AuditOutcome) {
            self =
                switch outcome {
                case .scored: .scored
                case .unavailable: .unavailable
                case .cannotCheck: .cannotCheck
                case .differs: .differs
                }
        }
    }

    private let requests: LabelledCounter<RequestOutcome>
    private let timeToFirstToken: Timer
    private let requestDuration: Timer
    private let promptTokens: Counter
    private let generationTokens: Counter
    private let running: Meter
    private let waiting: Meter
    private let capacity: Meter
    private let claims: [RoundKind: LabelledCounter<MessageOutcome>]
    private let audits: [AuditStage: LabelledCounter<Finding>]
    private let ledgerHeight: Meter
    private let ledgerReachable: Meter
    private let factory: any MetricsFactory

    /// - Parameter factory: keeps the counts; of several hosts in one process, each adds a label of its own.
    public init(_ factory: any MetricsFactory = NOOPMetricsHandler.instance) {
        self.factory = factory
        requests = LabelledCounter("gonka_host_requests_total", by: "outcome", factory: factory)
        timeToFirstToken = Timer(label: "gonka_host_time_to_first_token_seconds", factory: factory)
        requestDuration = Timer(label: "gonka_host_request_duration_seconds", factory: factory)
        promptTokens = Counter(label: "gonka_host_prompt_tokens_total", factory: factory)
        generationTokens = Counter(label: "gonka_host_generation_tokens_total", factory: factory)
        running = Meter(label: "gonka_host_requests_running", factory: factory)
        waiting = Meter(label: "gonka_host_requests_waiting", factory: factory)
        capacity = Meter(label: "gonka_host_requests_capacity", factory: factory)
        claims = Dictionary(
            uniqueKeysWithValues: RoundKind.allCases.map {
                ($0, LabelledCounter("gonka_host_claims_total", by: "outcome", [("round", $0.name)], factory: factory))
            })
        audits = Dictionary(
            uniqueKeysWithValues: AuditStage.allCases.map {
                let stage = $0 == .appeal ? "appeal" : "audit"
                return (
                    $0, LabelledCounter("gonka_host_audits_total", by: "finding", [("stage", stage)], factory: factory)
                )
            })
        ledgerHeight = Meter(label: "gonka_host_ledger_height", factory: factory)
        ledgerReachable = Meter(label: "gonka_host_ledger_reachable", factory: factory)
    }

    func began(after duration: Duration) { timeToFirstToken.record(duration: duration) }

    /// Only whole answers have a duration.
    func ended(_ outcome: RequestOutcome, after duration: Duration) {
        requests.increment(outcome)
        if outcome == .answered { requestDuration.record(duration: duration) }
    }

    func generated(_ item: WorkItem) {
        promptTokens.increment(by: item.promptTokens)
        generationTokens.increment(by: item.outputTokens)
    }

    /// - Parameters:
    ///   - active: requests taken on.
    ///   - places: how many run at once.
    func showLoad(active: Int, places: Int) {
        capacity.set(places)
        running.set(min(active, places))
        waiting.set(max(0, active - places))
    }

    func saw(height: UInt64) {
        ledgerHeight.set(height)
        ledgerReachable.set(1)
    }

    func ledgerIsSilent() { ledgerReachable.set(0) }

    func audited(_ stage: AuditStage, _ outcome: AuditOutcome) { audits[stage]?.increment(Finding(outcome)) }

    /// - Parameter result: nil where it is not known.
    func claimed(_ kind: RoundKind, _ result: SubmissionResult?) { claims[kind]?.increment(MessageOutcome(result)) }

    /// - Parameters:
    ///   - kind: the message's type URL, of which there are as many as duties.
    ///   - result: nil where it is not known.
    func sent(_ kind: String, _ result: SubmissionResult?) {
        let message = String(kind.split(separator: ".").last ?? "")
        let outcome = MessageOutcome(result).rawValue
        Counter(
            label: "gonka_host_duties_total", dimensions: [("message", message), ("outcome", outcome)], factory: factory
        ).increment()
    }
}
