import WireFormat

/// What a round freezes of the parameters when it opens, besides its windows.
public struct RoundTerms: Hashable, Sendable {
    /// Samples of an entry, before those for large shares.
    public let samples: UInt64
    /// Further samples for each full 1 % of its model's units.
    public let samplesPerPercent: UInt64
    /// P and G of a sprint item.
    public let promptTokens: UInt64
    public let outputTokens: UInt64

    public init(samples: UInt64, samplesPerPercent: UInt64, promptTokens: UInt64, outputTokens: UInt64) {
        self.samples = samples
        self.samplesPerPercent = samplesPerPercent
        self.promptTokens = promptTokens
        self.outputTokens = outputTokens
    }

    public init(of kind: RoundKind, _ parameters: RoundParameters) {
        let samples =
            switch kind {
            case .sprint: parameters.sprintSamples
            case .confirmation: parameters.confirmationSamples
            case .serving: parameters.servingSamples
            }
        self.init(
            samples: samples, samplesPerPercent: parameters.samplesPerPercent,
            promptTokens: parameters.sprintPromptTokens, outputTokens: parameters.sprintOutputTokens)
    }
}

extension RoundTerms: CanonicalMessage {
    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var (samples, perPercent, prompt, output) = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        while let field = try decoder.nextField() {
            switch field {
            case 1: samples = try decoder.unsigned()
            case 2: perPercent = try decoder.unsigned()
            case 3: prompt = try decoder.unsigned()
            case 4: output = try decoder.unsigned()
            default: throw decoder.unknownField()
            }
        }
        self.init(samples: samples, samplesPerPercent: perPercent, promptTokens: prompt, outputTokens: output)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(samples, field: 1)
        encoder.write(samplesPerPercent, field: 2)
        encoder.write(promptTokens, field: 3)
        encoder.write(outputTokens, field: 4)
    }
}
