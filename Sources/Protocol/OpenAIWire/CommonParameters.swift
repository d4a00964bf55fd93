import ProtocolRules
import WireFormat

/// The fields that requests for text have in common, whatever their kind.
struct CommonParameters {
    let reader: ParameterReader
    let limits: OpenAILimits

    func seed() throws(OpenAIError) -> Int64? { try reader.integer("seed", in: .min ... .max) }

    func streams() throws(OpenAIError) -> Bool { try reader.boolean("stream") ?? false }

    func choices() throws(OpenAIError) -> UInt32 { UInt32(try reader.integer("n", in: 1...limits.choicesMax) ?? 1) }

    /// Ranges in millionths; `SamplingParameters` has the same, so it refuses nothing that passed here.
    func sampling() throws(OpenAIError) -> SamplingParameters {
        let unit = Int64(SamplingParameters.unit)
        let maximum = Int64(SamplingParameters.maximum)
        let temperature = try reader.millionths("temperature", in: 0...maximum) ?? unit
        // Of 0 remains what the smallest share leaves too: the likeliest token.
        let topP = max(1, try reader.millionths("top_p", in: 0...unit) ?? unit)
        let minP = try reader.millionths("min_p", in: 0...unit) ?? 0
        // -1 is how other servers write "all candidates".
        let topK = try reader.integer("top_k", in: -1...limits.topKMax) ?? 0
        let presence = try reader.millionths("presence_penalty", in: -maximum...maximum) ?? 0
        let frequency = try reader.millionths("frequency_penalty", in: -maximum...maximum) ?? 0
        do {
            return try SamplingParameters(
                temperature: UInt32(temperature), topP: UInt32(topP), minP: UInt32(minP), topK: UInt32(max(0, topK)),
                presencePenalty: Int32(presence), frequencyPenalty: Int32(frequency))
        } catch {
            throw .invalid("temperature", "sampling parameters out of range")
        }
    }

    /// `logit_bias`: token ids in decimal, and what is added to their logits.
    func bias() throws(OpenAIError) -> [AnswerForm.TokenBias] {
        guard let object = try reader.object("logit_bias") else { return [] }
        guard object.members.count <= limits.logitBiasMax else {
            throw .arrayTooLong("logit_bias", countMax: limits.logitBiasMax)
        }
        let values = ParameterReader(object: object, path: "logit_bias")
        let bound = Self.biasMax * Int64(SamplingParameters.unit)
        var bias: [AnswerForm.TokenBias] = []
        for member in object.members {
            // One spelling per token, so that none comes twice.
            guard let token = TokenID(member.key), String(token) == member.key else {
                throw .invalid("logit_bias", "'\(member.key.bounded())' is no token id")
            }
            guard let millionths = try values.millionths(member.key, in: -bound...bound) else { continue }
            bias.append(AnswerForm.TokenBias(token: token, millionths: Int32(millionths)))
        }
        return bias.filter { $0.millionths != 0 }.sorted { $0.token < $1.token }
    }

    private static let biasMax: Int64 = 100

    func stops() throws(OpenAIError) -> [String] {
        guard let value = reader.value("stop") else { return [] }
        if value.string != nil { return [try stop(value, path: "stop")] }
        guard let elements = value.array else {
            throw .wrongType("stop", expected: "a string or an array of strings", got: value)
        }
        guard elements.count <= limits.stopsMax else { throw .arrayTooLong("stop", countMax: limits.stopsMax) }
        var stops: [String] = []
        for (index, element) in elements.enumerated() {
            stops.append(try stop(element, path: "stop[\(index)]"))
        }
        return stops
    }

    private func stop(_ value: JSONValue, path: String) throws(OpenAIError) -> String {
        guard let text = value.string else { throw .wrongType(path, expected: "a string", got: value) }
        guard !text.isEmpty else { throw .emptyString(path) }
        guard text.utf8.count <= limits.stopBytesMax else { throw .tooLong(path, bytesMax: limits.stopBytesMax) }
        return text
    }

    func includesUsage() throws(OpenAIError) -> Bool {
        guard let object = try reader.object("stream_options") else { return false }
        let options = ParameterReader(object: object, path: "stream_options")
        try options.checkNames(ChatCompletionParameters.StreamOptions.names)
        try options.checkIgnored(ChatCompletionParameters.StreamOptions.ignored)
        return try options.boolean("include_usage") ?? false
    }
}
