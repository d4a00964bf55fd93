import WireFormat

extension ChatMessage {
    /// Reads one element of `messages`.
    init(_ value: JSONValue, path: String, limits: OpenAILimits) throws(OpenAIError) {
        guard let object = value.object else { throw .wrongType(path, expected: "an object", got: value) }
        let reader = ParameterReader(object: object, path: path)
        try reader.checkNames(ChatCompletionParameters.Message.names)
        try reader.checkInert(ChatCompletionParameters.Message.inert)
        role = try ChatMessage.role(reader)
        content = try ChatMessage.content(reader, role, limits)
        toolCalls = try ChatMessage.toolCalls(reader, role, limits)
        toolCallID = try ChatMessage.toolCallID(reader, role)
        name = try reader.string("name")
        guard (name?.utf8.count ?? 0) <= limits.nameBytesMax else {
            throw .tooLong(reader.path(of: "name"), bytesMax: limits.nameBytesMax)
        }
    }

    private static func toolCalls(
        _ reader: ParameterReader, _ role: ChatRole, _ limits: OpenAILimits
    ) throws(OpenAIError) -> [ToolCall] {
        let path = reader.path(of: "tool_calls")
        guard let value = reader.value("tool_calls") else { return [] }
        guard let elements = value.array else { throw .wrongType(path, expected: "an array", got: value) }
        guard elements.count <= limits.toolCallsMax else { throw .arrayTooLong(path, countMax: limits.toolCallsMax) }
        guard role == .assistant || elements.isEmpty else {
            throw .invalid(path, "only an assistant's message has calls")
        }
        var calls: [ToolCall] = []
        for (index, element) in elements.enumerated() {
            guard let object = element.object else {
                throw .wrongType("\(path)[\(index)]", expected: "an object", got: element)
            }
            calls.append(try toolCall(ParameterReader(object: object, path: "\(path)[\(index)]")))
        }
        return calls
    }

    private static func toolCall(_ reader: ParameterReader) throws(OpenAIError) -> ToolCall {
        // Streams number their calls, and some clients send the number back.
        try reader.checkNames(["id", "type", "function", "index"])
        guard try reader.string("type") ?? "function" == "function" else {
            throw .unsupported(reader.path(of: "type"), value: "other", instead: "only 'function' calls are known")
        }
        guard let id = try reader.string("id") else { throw .missing(reader.path(of: "id")) }
        try checkCallID(id, reader.path(of: "id"))
        guard let object = try reader.object("function") else { throw .missing(reader.path(of: "function")) }
        let function = ParameterReader(object: object, path: reader.path(of: "function"))
        try function.checkNames(["name", "arguments"])
        guard let arguments = try function.string("arguments") else { throw .missing(function.path(of: "arguments")) }
        return ToolCall(id: id, name: try ToolReader.name(function), arguments: arguments)
    }

    private static func toolCallID(_ reader: ParameterReader, _ role: ChatRole) throws(OpenAIError) -> String? {
        let path = reader.path(of: "tool_call_id")
        guard let id = try reader.string("tool_call_id") else {
            if role == .tool { throw .missing(path) }
            return nil
        }
        try checkCallID(id, path)
        return id
    }

    private static func checkCallID(_ id: String, _ path: String) throws(OpenAIError) {
        guard id.utf8.count <= OpenAILimits.toolCallIDBytesMax else {
            throw .tooLong(path, bytesMax: OpenAILimits.toolCallIDBytesMax)
        }
    }

    private static func role(_ reader: ParameterReader) throws(OpenAIError) -> ChatRole {
        let path = reader.path(of: "role")
        guard let text = try reader.string("role") else { throw .missing(path) }
        guard let role = ChatRole(rawValue: text) else {
            let roles = ChatRole.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalid(path, "'\(text.bounded())' is not one of \(roles)")
        }
        return role
    }

    private static func content(
        _ reader: ParameterReader, _ role: ChatRole, _ limits: OpenAILimits
    ) throws(OpenAIError) -> String {
        let path = reader.path(of: "content")
        guard let value = reader.value("content") else {
            if role == .assistant { return "" }
            throw .missing(path)
        }
        switch value {
        case .string(let text): return text
        case .array(let parts): return try joined(parts, path, limits)
        default: throw .wrongType(path, expected: "a string or an array of text parts", got: value)
        }
    }

    private static func joined(
        _ parts: [JSONValue], _ path: String, _ limits: OpenAILimits
    ) throws(OpenAIError) -> String {
        guard !parts.isEmpty else { throw .emptyArray(path) }
        guard parts.count <= limits.contentPartsMax else {
            throw .arrayTooLong(path, countMax: limits.contentPartsMax)
        }
        var texts: [String] = []
        for (index, part) in parts.enumerated() { texts.append(try text(part, path: "\(path)[\(index)]")) }
        return texts.joined(separator: "\n")
    }

    private static func text(_ part: JSONValue, path: String) throws(OpenAIError) -> String {
        guard let object = part.object else { throw .wrongType(path, expected: "an object", got: part) }
        let reader = ParameterReader(object: object, path: path)
        guard let type = try reader.string("type") else { throw .missing(reader.path(of: "type")) }
        guard type == "text" else {
            throw .unsupported(reader.path(of: "type"), value: type, instead: "only 'text' parts are read")
        }
        try reader.checkNames(ChatCompletionParameters.ContentPart.names)
        try reader.checkIgnored(ChatCompletionParameters.ContentPart.ignored)
        guard let text = try reader.string("text") else { throw .missing(reader.path(of: "text")) }
        return text
    }
}
