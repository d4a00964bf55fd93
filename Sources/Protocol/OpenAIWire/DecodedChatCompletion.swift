import Primitives
import ProtocolRules
import WireFormat

/// A body that is JSON and names a model, and of which nothing else has been checked yet.
public struct DecodedChatCompletion: Sendable {
    public let model: String
    private let reader: ParameterReader

    /// Reads the JSON and the model.
    public static func decode(
        _ body: Bytes, limits: OpenAILimits = OpenAILimits()
    ) throws(OpenAIError) -> DecodedChatCompletion {
        var jsonLimits = JSONLimits()
        jsonLimits.bytesMax = limits.bodyBytesMax
        let value: JSONValue
        do { value = try JSONParser.parse(body, limits: jsonLimits) } catch { throw .invalidJSON(error) }
        guard let object = value.object else { throw .bodyIsNoObject(value.kind) }
        let reader = ParameterReader(object: object, path: "")
        guard let model = try reader.string("model"), !model.isEmpty else { throw .missing("model") }
        return DecodedChatCompletion(model: model, reader: reader)
    }

    /// Checks everything else.
    public func validated(limits: OpenAILimits = OpenAILimits()) throws(OpenAIError) -> ChatCompletionRequest {
        guard reader.object.members.count <= limits.parametersMax else {
            throw .invalid("body", "more than \(limits.parametersMax) parameters")
        }
        try reader.checkNames(ChatCompletionParameters.names)
        try reader.checkInert(ChatCompletionParameters.inert)
        try reader.checkIgnored(ChatCompletionParameters.ignored)
        return ChatCompletionRequest(
            model: model, messages: try messages(limits), sampling: try sampling(limits),
            seed: try reader.integer("seed", in: .min ... .max), maxTokens: try maxTokens(limits),
            choices: UInt32(try reader.integer("n", in: 1...limits.choicesMax) ?? 1), stops: try stops(limits),
            streams: try reader.boolean("stream") ?? false, includesUsage: try includesUsage())
    }

    private func messages(_ limits: OpenAILimits) throws(OpenAIError) -> [ChatMessage] {
        guard let value = reader.value("messages") else { throw .missing("messages") }
        guard let elements = value.array else { throw .wrongType("messages", expected: "an array", got: value) }
        guard !elements.isEmpty else { throw .emptyArray("messages") }
        guard elements.count <= limits.messagesMax else {
            throw .arrayTooLong("messages", countMax: limits.messagesMax)
        }
        var messages: [ChatMessage] = []
        messages.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            messages.append(try ChatMessage(element, path: "messages[\(index)]", limits: limits))
        }
        return messages
    }

    /// Ranges in millionths; `SamplingParameters` has the same, so it refuses nothing that passed here.
    private func sampling(_ limits: OpenAILimits) throws(OpenAIError) -> SamplingParameters {
        let unit = Int64(SamplingParameters.unit)
        let maximum = Int64(SamplingParameters.maximum)
        let temperature = try reader.millionths("temperature", in: 0...maximum) ?? unit
        let topP = try reader.millionths("top_p", in: 1...unit) ?? unit
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

    /// `max_tokens` and its newer name; given twice, they must agree.
    private func maxTokens(_ limits: OpenAILimits) throws(OpenAIError) -> UInt64? {
        let old = try reader.integer("max_tokens", in: 1...limits.outputTokensMax)
        let new = try reader.integer("max_completion_tokens", in: 1...limits.outputTokensMax)
        if let old, let new, old != new {
            throw .invalid("max_tokens", "it is \(old), but 'max_completion_tokens' is \(new); send one of them")
        }
        return (new ?? old).map { UInt64($0) }
    }

    private func stops(_ limits: OpenAILimits) throws(OpenAIError) -> [String] {
        guard let value = reader.value("stop") else { return [] }
        if value.string != nil { return [try stop(value, path: "stop", limits)] }
        guard let elements = value.array else {
            throw .wrongType("stop", expected: "a string or an array of strings", got: value)
        }
        guard elements.count <= limits.stopsMax else { throw .arrayTooLong("stop", countMax: limits.stopsMax) }
        var stops: [String] = []
        for (index, element) in elements.enumerated() {
            stops.append(try stop(element, path: "stop[\(index)]", limits))
        }
        return stops
    }

    private func stop(_ value: JSONValue, path: String, _ limits: OpenAILimits) throws(OpenAIError) -> String {
        guard let text = value.string else { throw .wrongType(path, expected: "a string", got: value) }
        guard !text.isEmpty else { throw .emptyString(path) }
        guard text.utf8.count <= limits.stopBytesMax else { throw .tooLong(path, bytesMax: limits.stopBytesMax) }
        return text
    }

    private func includesUsage() throws(OpenAIError) -> Bool {
        guard let object = try reader.object("stream_options") else { return false }
        let options = ParameterReader(object: object, path: "stream_options")
        try options.checkNames(ChatCompletionParameters.StreamOptions.names)
        try options.checkIgnored(ChatCompletionParameters.StreamOptions.ignored)
        return try options.boolean("include_usage") ?? false
    }
}
