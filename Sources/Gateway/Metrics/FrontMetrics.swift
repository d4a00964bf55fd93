import Metrics
import OpenAIWire
import ProtocolRules
import Telemetry

/// What is counted of a gateway's own clients. No label is a key, a model or anything that somebody sent.
struct FrontMetrics: Sendable {
    /// One sentence for each name.
    static let help = [
        "gonka_gateway_errors_total": "Requests for completions that were refused or failed, by the error's code.",
        "gonka_gateway_inter_token_seconds": "From one piece of a stream to the next, as they go to the client.",
        "gonka_gateway_prompt_tokens_total": "Prompt tokens of receipts, the cached ones included.",
        "gonka_gateway_cached_prompt_tokens_total":
            "Prompt tokens of receipts that an engine had from an earlier request.",
        "gonka_gateway_generation_tokens_total": "Output tokens of receipts.",
        "gonka_gateway_charged_gnk_total": "What keys were charged, in GNK, as counted by this process.",
    ]

    private let errors: LabelledCounter<OpenAIErrorCode>
    private let interToken: Timer
    private let promptTokens: Counter
    private let cachedTokens: Counter
    private let outputTokens: Counter
    private let charged: FloatingPointCounter

    /// - Parameter factory: keeps the counts.
    init(_ factory: any MetricsFactory) {
        errors = LabelledCounter("gonka_gateway_errors_total", by: "code", factory: factory)
        interToken = Timer(label: "gonka_gateway_inter_token_seconds", factory: factory)
        promptTokens = Counter(label: "gonka_gateway_prompt_tokens_total", factory: factory)
        cachedTokens = Counter(label: "gonka_gateway_cached_prompt_tokens_total", factory: factory)
        outputTokens = Counter(label: "gonka_gateway_generation_tokens_total", factory: factory)
        charged = FloatingPointCounter(label: "gonka_gateway_charged_gnk_total", factory: factory)
    }

    func failed(_ code: OpenAIErrorCode) { errors.increment(code) }

    /// A piece of a stream goes out, so long after the one before.
    func wrote(after duration: Duration) { interToken.record(duration: duration) }

    func used(_ usage: Usage) {
        promptTokens.increment(by: Int64(clamping: usage.promptTokens))
        cachedTokens.increment(by: Int64(clamping: usage.cachedTokens))
        outputTokens.increment(by: Int64(clamping: usage.outputTokens))
        charged.increment(by: usage.fee.gnk)
    }
}
