import WireFormat

/// How tokens are chosen, in integers, so that executor and auditor read the same numbers (protocol.md section 4).
///
/// All but `topK` count millionths.
public struct SamplingParameters: CanonicalMessage, Hashable {
    /// [0, 2 000 000]; 0 takes the highest logit, without noise.
    public let temperature: UInt32
    /// [0, 1 000 000]; 1 000 000 keeps everything, 0 keeps the most probable token.
    public let topP: UInt32
    /// [0, 1 000 000]; 0 keeps everything.
    public let minP: UInt32
    /// How many candidates stay; 0 and everything from `candidateCount` up keep all of them.
    public let topK: UInt32
    /// [−2 000 000, 2 000 000]; taken off the logit of each token that the output already holds.
    public let presencePenalty: Int32
    /// [−2 000 000, 2 000 000]; taken off once for every time that the output holds the token.
    public let frequencyPenalty: Int32

    /// Tokens with the highest logits from which one is drawn; part of the protocol.
    public static let candidateCount = 256
    /// One, in the unit of all fields but `topK`.
    public static let unit: UInt32 = 1_000_000
    /// The most that `temperature` and the penalties' magnitude may be.
    public static let maximum: UInt32 = 2 * unit
    /// Plain sampling from the model's distribution: temperature 1, nothing cut, no penalty.
    public static let plain = SamplingParameters(unchecked: unit, unit, 0, 0, 0, 0)
    /// The highest logit, always.
    public static let greedy = SamplingParameters(unchecked: 0, unit, 0, 0, 0, 0)

    /// A field outside its range.
    public enum RangeError: Error, Equatable, Sendable {
        case temperature, topP, minP, presencePenalty, frequencyPenalty
    }

    /// Checks every range; throws the first field that is outside its own.
    public init(
        temperature: UInt32 = unit, topP: UInt32 = unit, minP: UInt32 = 0, topK: UInt32 = 0,
        presencePenalty: Int32 = 0, frequencyPenalty: Int32 = 0
    ) throws(RangeError) {
        if temperature > Self.maximum { throw .temperature }
        if topP > Self.unit { throw .topP }
        if minP > Self.unit { throw .minP }
        if presencePenalty.magnitude > Self.maximum { throw .presencePenalty }
        if frequencyPenalty.magnitude > Self.maximum { throw .frequencyPenalty }
        self.init(unchecked: temperature, topP, minP, topK, presencePenalty, frequencyPenalty)
    }

    private init(
        unchecked temperature: UInt32, _ topP: UInt32, _ minP: UInt32, _ topK: UInt32, _ presence: Int32,
        _ frequency: Int32
    ) {
        (self.temperature, self.topP, self.minP, self.topK) = (temperature, topP, minP, topK)
        (presencePenalty, frequencyPenalty) = (presence, frequency)
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var (temperature, topP, minP, topK) = (UInt32(0), UInt32(0), UInt32(0), UInt32(0))
        var (presence, frequency) = (Int32(0), Int32(0))
        while let field = try decoder.nextField() {
            switch field {
            case 1: temperature = try decoder.unsigned32()
            case 2: topP = try decoder.unsigned32()
            case 3: minP = try decoder.unsigned32()
            case 4: topK = try decoder.unsigned32()
            case 5: presence = try Self.penalty(&decoder)
            case 6: frequency = try Self.penalty(&decoder)
            default: throw decoder.unknownField()
            }
        }
        do {
            try self.init(
                temperature: temperature, topP: topP, minP: minP, topK: topK, presencePenalty: presence,
                frequencyPenalty: frequency)
        } catch {
            throw .invalidValue(number: error.field)
        }
    }

    private static func penalty(_ decoder: inout ProtobufDecoder) throws(WireError) -> Int32 {
        guard let value = Int32(exactly: try decoder.signed()) else { throw decoder.invalidValue() }
        return value
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(UInt64(temperature), field: 1)
        encoder.write(UInt64(topP), field: 2)
        encoder.write(UInt64(minP), field: 3)
        encoder.write(UInt64(topK), field: 4)
        encoder.write(signed: Int64(presencePenalty), field: 5)
        encoder.write(signed: Int64(frequencyPenalty), field: 6)
    }
}

extension SamplingParameters.RangeError {
    /// The field's number on the wire.
    fileprivate var field: UInt32 {
        switch self {
        case .temperature: 1
        case .topP: 2
        case .minP: 3
        case .presencePenalty: 5
        case .frequencyPenalty: 6
        }
    }
}
