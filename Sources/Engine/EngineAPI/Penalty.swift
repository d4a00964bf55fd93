import ProtocolRules

/// OpenAI's presence and frequency penalties, over the output's tokens only.
struct Penalty: Sendable {
    private let presence: Int64
    private let frequency: Int64

    init(_ sampling: SamplingParameters) {
        presence = Int64(sampling.presencePenalty)
        frequency = Int64(sampling.frequencyPenalty)
    }

    /// Whether it changes any logit.
    var isZero: Bool { presence == 0 && frequency == 0 }

    /// The logit of a token that the output holds `count` times, `count` ≥ 1. The penalty is exact in millionths; one
    /// rounding to single precision.
    func applied(to logit: Float, count: Int) -> Float {
        Float(Double(logit) - Double(presence + frequency * Int64(count)) / Double(SamplingParameters.unit))
    }
}
