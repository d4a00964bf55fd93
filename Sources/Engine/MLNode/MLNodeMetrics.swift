import EngineAPI
import Metrics
import Telemetry

/// What is counted of an ML node, for its operator. Whoever counts decides nothing by it.
public struct MLNodeMetrics: Sendable {
    /// One sentence for each name.
    public static let help = [
        "gonka_mlnode_requests_total":
            "Requests by kind and what came of them; of those for prompts only the refused ones.",
        "gonka_mlnode_requests_running": "Requests for tokens, scores and embeddings that wait or run.",
        "gonka_mlnode_requests_capacity": "Sequences that run at once.",
        "gonka_mlnode_models_loaded": "Models in memory.",
        "gonka_mlnode_model_loads_total": "Models loaded, by what came of it.",
        "gonka_mlnode_model_unloads_total": "Models that gave their memory back.",
        "gonka_mlnode_model_load_seconds": "What loading a model took.",
        "gonka_mlnode_generation_tokens_total": "Tokens generated.",
        "gonka_mlnode_scored_tokens_total": "Tokens scored.",
        "gonka_mlnode_time_to_first_token_seconds": "From a request's body to its first token.",
        "gonka_mlnode_request_duration_seconds": "From a request's body to its last event, of those that are whole.",
    ]

    /// What a request is for.
    enum Kind: String, CaseIterable, Sendable {
        case generate, score, render, embed
    }

    /// What came of a request.
    enum Outcome: String, CaseIterable, Sendable {
        case answered, cancelled, refused, overloaded, failed

        init(_ failure: EngineError?) {
            switch failure {
            case nil: self = .answered
            case .cancelled: self = .cancelled
            case .overloaded: self = .overloaded
            case .promptTooLong, .unsupported, .wrongModelFile: self = .refused
            case .failed, .unreachable, .stopped, .unusableModel: self = .failed
            }
        }
    }

    /// What came of a load.
    enum Load: String, CaseIterable, Sendable {
        case loaded, failed
    }

    private let requests: [Kind: LabelledCounter<Outcome>]
    private let running: Meter
    private let capacity: Meter
    private let modelsLoaded: Meter
    private let modelLoads: LabelledCounter<Load>
    private let modelUnloads: Counter
    private let modelLoad: Timer
    private let generationTokens: Counter
    private let scoredTokens: Counter
    private let timeToFirstToken: Timer
    private let requestDuration: Timer

    /// - Parameter factory: keeps the counts.
    public init(_ factory: any MetricsFactory = NOOPMetricsHandler.instance) {
        requests = Dictionary(
            uniqueKeysWithValues: Kind.allCases.map {
                (
                    $0,
                    LabelledCounter(
                        "gonka_mlnode_requests_total", by: "outcome", [("kind", $0.rawValue)], factory: factory)
                )
            })
        running = Meter(label: "gonka_mlnode_requests_running", factory: factory)
        capacity = Meter(label: "gonka_mlnode_requests_capacity", factory: factory)
        modelsLoaded = Meter(label: "gonka_mlnode_models_loaded", factory: factory)
        modelLoads = LabelledCounter("gonka_mlnode_model_loads_total", by: "outcome", factory: factory)
        modelUnloads = Counter(label: "gonka_mlnode_model_unloads_total", factory: factory)
        modelLoad = Timer(label: "gonka_mlnode_model_load_seconds", factory: factory)
        generationTokens = Counter(label: "gonka_mlnode_generation_tokens_total", factory: factory)
        scoredTokens = Counter(label: "gonka_mlnode_scored_tokens_total", factory: factory)
        timeToFirstToken = Timer(label: "gonka_mlnode_time_to_first_token_seconds", factory: factory)
        requestDuration = Timer(label: "gonka_mlnode_request_duration_seconds", factory: factory)
    }

    /// A model came or went.
    ///
    /// - Parameter loaded: how many are in memory now.
    public func note(_ event: ShelfEvent, loaded: Int) {
        modelsLoaded.set(loaded)
        switch event {
        case .loaded(_, let duration):
            modelLoads.increment(.loaded)
            modelLoad.record(duration: duration)
        case .failed: modelLoads.increment(.failed)
        case .unloaded: modelUnloads.increment()
        }
    }

    func show(running count: Int, capacity places: Int) {
        running.set(count)
        capacity.set(places)
    }

    func began(after duration: Duration) { timeToFirstToken.record(duration: duration) }

    func made(_ kind: Kind) {
        switch kind {
        case .generate: generationTokens.increment()
        case .score: scoredTokens.increment()
        case .render, .embed: break
        }
    }

    /// Refused before anything was made.
    func refused(_ kind: Kind, _ failure: EngineError) { requests[kind]?.increment(Outcome(failure)) }

    /// Only whole answers have a duration.
    func ended(_ kind: Kind, _ failure: EngineError?, after duration: Duration) {
        requests[kind]?.increment(Outcome(failure))
        if failure == nil { requestDuration.record(duration: duration) }
    }
}
