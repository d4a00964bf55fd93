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

    /// What a token that the output holds `count` times loses, in millionths; `count` ≥ 1.
    func millionths(count: Int) -> Int64 { presence + frequency * Int64(count) }

    /// The logit less so many millionths: exact but for one rounding to single precision.
    static func lower(_ logit: Float, by millionths: Int64) -> Float {
        Float(Double(logit) - Double(millionths) / Double(SamplingParameters.unit))
    }
}
