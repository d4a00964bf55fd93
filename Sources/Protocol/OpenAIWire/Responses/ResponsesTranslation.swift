import Primitives
import WireFormat

/// Makes a chat completion of a request of the Responses API.
struct ResponsesTranslation {
    let reader: ParameterReader
    let limits: OpenAILimits

    func chatBody(model: String) throws(OpenAIError) -> Bytes {
        var chat = JSONObject()
        chat.append("model", .string(model))
        chat.append("messages", .array(try messages()))
        for (name, chatName) in Self.sameValues {
            if let value = reader.value(name) { chat.append(chatName, value) }
        }
        let streams = try reader.boolean("stream") ?? false
        if streams {
            chat.append("stream", true)
            chat.append("stream_options", ["include_usage": true])
        }
        if try wantsLogprobs() {
            chat.append("logprobs", true)
            if let count = reader.value("top_logprobs") { chat.append("top_logprobs", count) }
        }
        if let format = try format() { chat.append("response_format", format) }
        if let tools = try tools() { chat.append("tools", tools) }
        if let choice = try toolChoice() { chat.append("tool_choice", choice) }
        return JSONValue.object(chat).encoded()
    }

    /// Fields that mean the same, with the chat completion's name.
    private static let sameValues = [
        ("max_output_tokens", "max_completion_tokens"), ("temperature", "temperature"), ("top_p", "top_p"),
        ("parallel_tool_calls", "parallel_tool_calls"),
    ]

    // MARK: Messages

    private func messages() throws(OpenAIError) -> [JSONValue] {
        var messages: [JSONValue] = []
        if let instructions = try reader.string("instructions") {
            messages.append(["role": "system", "content": .string(instructions)])
        }
        guard let input = reader.value("input") else { throw .missing("input") }
        switch input {
        case .string(let text): messages.append(["role": "user", "content": .string(text)])
        case .array(let items):
            guard !items.isEmpty else { throw .emptyArray("input") }
            guard items.count <= limits.messagesMax else { throw .arrayTooLong("input", countMax: limits.messagesMax) }
            for (index, item) in items.enumerated() { try append(item, "input[\(index)]", to: &messages) }
        default: throw .wrongType("input", expected: "a string or an array", got: input)
        }
        return messages
    }

    private func append(
        _ item: JSONValue, _ path: String, to messages: inout [JSONValue]
    ) throws(OpenAIError) {
        guard let object = item.object else { throw .wrongType(path, expected: "an object", got: item) }
        let reader = ParameterReader(object: object, path: path)
        switch try reader.string("type") ?? "message" {
        case "message": messages.append(try message(reader))
        case "function_call": try appendCall(reader, to: &messages)
        case "function_call_output": messages.append(try output(reader))
        case let type:
            throw .unsupported(
                "\(path).type", value: type, instead: "it is one of message, function_call, function_call_output")
        }
    }

    private func message(_ reader: ParameterReader) throws(OpenAIError) -> JSONValue {
        try reader.checkNames(["type", "role", "content", "id", "status", "phase"])
        guard let role = try reader.string("role") else { throw .missing(reader.path(of: "role")) }
        guard ["user", "assistant", "system", "developer"].contains(role) else {
            throw .invalid(
                reader.path(of: "role"), "'\(role.bounded())' is not one of user, assistant, system, developer")
        }
        return ["role": .string(role), "content": try text(reader, "content")]
    }

    /// Consecutive calls are one message, as a chat completion's answer has them.
    private func appendCall(_ reader: ParameterReader, to messages: inout [JSONValue]) throws(OpenAIError) {
        try reader.checkNames(["type", "id", "call_id", "name", "arguments", "status"])
        var texts: [String: String] = [:]
        for name in ["call_id", "name", "arguments"] {
            guard let text = try reader.string(name) else { throw .missing(reader.path(of: name)) }
            texts[name] = text
        }
        let call: JSONValue = [
            "id": .string(texts["call_id"] ?? ""), "type": "function",
            "function": ["name": .string(texts["name"] ?? ""), "arguments": .string(texts["arguments"] ?? "")],
        ]
        var calls: [JSONValue] = []
        if let last = messages.last, let earlier = last["tool_calls"]?.array {
            calls = earlier
            messages.removeLast()
        }
        messages.append(["role": "assistant", "content": .null, "tool_calls": .array(calls + [call])])
    }

    private func output(_ reader: ParameterReader) throws(OpenAIError) -> JSONValue {
        try reader.checkNames(["type", "id", "call_id", "output", "status", "name"])
        guard let id = try reader.string("call_id") else { throw .missing(reader.path(of: "call_id")) }
        return ["role": "tool", "tool_call_id": .string(id), "content": try text(reader, "output")]
    }

    /// A string, or a list of text parts, as a chat completion has them.
    private func text(_ reader: ParameterReader, _ name: String) throws(OpenAIError) -> JSONValue {
        let path = reader.path(of: name)
        guard let value = reader.value(name) else { throw .missing(path) }
        guard let parts = value.array else {
            guard value.string != nil else {
                throw .wrongType(path, expected: "a string or an array of text parts", got: value)
            }
            return value
        }
        guard !parts.isEmpty else { throw .emptyArray(path) }
        var texts: [JSONValue] = []
        for (index, part) in parts.enumerated() {
            guard let object = part.object else {
                throw .wrongType("\(path)[\(index)]", expected: "an object", got: part)
            }
            let inner = ParameterReader(object: object, path: "\(path)[\(index)]")
            let type = try inner.string("type") ?? ""
            guard ["input_text", "output_text", "text"].contains(type) else {
                throw .unsupported(inner.path(of: "type"), value: type, instead: "only text parts are read")
            }
            try inner.checkNames(["type", "text", "annotations", "logprobs", "prompt_cache_breakpoint"])
            guard let text = try inner.string("text") else { throw .missing(inner.path(of: "text")) }
            texts.append(["type": "text", "text": .string(text)])
        }
        return .array(texts)
    }

    // MARK: Form

    private func wantsLogprobs() throws(OpenAIError) -> Bool {
        guard let value = reader.value("include") else { return false }
        guard let names = value.array else { throw .wrongType("include", expected: "an array", got: value) }
        var isWanted = false
        for (index, name) in names.enumerated() {
            switch name.string {
            case "message.output_text.logprobs": isWanted = true
            // There is no reasoning to encrypt.
            case "reasoning.encrypted_content": break
            default:
                throw .unsupported(
                    "include[\(index)]", value: name.string ?? name.kind,
                    instead: "message.output_text.logprobs is what can be included")
            }
        }
        return isWanted
    }

    private func format() throws(OpenAIError) -> JSONValue? {
        guard let object = try reader.object("text") else { return nil }
        let text = ParameterReader(object: object, path: "text")
        try text.checkNames(["format", "verbosity"])
        try text.checkInert([InertParameter(name: "verbosity", inertValues: ["medium"])])
        guard let format = try text.object("format") else { return nil }
        let inner = ParameterReader(object: format, path: "text.format")
        guard try inner.string("type") == "json_schema" else { return .object(format) }
        // Checked here, so that a fault has the path that its sender knows.
        _ = try ToolReader.format(inner, nested: false)
        let members = format.members.filter { $0.key != "type" }
        return ["type": "json_schema", "json_schema": .object(JSONObject(members))]
    }

    private func tools() throws(OpenAIError) -> JSONValue? {
        guard let value = reader.value("tools") else { return nil }
        guard let elements = value.array else { throw .wrongType("tools", expected: "an array", got: value) }
        var tools: [JSONValue] = []
        for (index, element) in elements.enumerated() {
            let path = "tools[\(index)]"
            guard let object = element.object else { throw .wrongType(path, expected: "an object", got: element) }
            let tool = ParameterReader(object: object, path: path)
            guard let type = try tool.string("type") else { throw .missing("\(path).type") }
            guard type == "function" else {
                throw .unsupported("\(path).type", value: type, instead: "only 'function' tools are known")
            }
            try tool.checkNames(["type"] + ChatCompletionParameters.Function.names)
            tools.append([
                "type": "function", "function": .object(JSONObject(object.members.filter { $0.key != "type" })),
            ])
        }
        return .array(tools)
    }

    private func toolChoice() throws(OpenAIError) -> JSONValue? {
        guard let value = reader.value("tool_choice") else { return nil }
        guard let object = value.object else { return value }
        let choice = ParameterReader(object: object, path: "tool_choice")
        guard let type = try choice.string("type") else { throw .missing("tool_choice.type") }
        guard type == "function" else {
            throw .unsupported("tool_choice.type", value: type, instead: "only 'function' is known")
        }
        try choice.checkNames(["type", "name"])
        return ["type": "function", "function": ["name": .string(try ToolReader.name(choice))]]
    }

    // MARK: What the answer repeats

    func echo(model: String) -> JSONObject {
        func value(_ name: String, _ unset: JSONValue) -> JSONValue { reader.value(name) ?? unset }
        return JSONObject([
            .init(key: "instructions", value: value("instructions", .null)),
            .init(key: "max_output_tokens", value: value("max_output_tokens", .null)),
            .init(key: "metadata", value: value("metadata", [:])),
            .init(key: "parallel_tool_calls", value: value("parallel_tool_calls", true)),
            .init(key: "previous_response_id", value: .null),
            .init(key: "store", value: false),
            .init(key: "temperature", value: value("temperature", 1)),
            .init(key: "text", value: value("text", ["format": ["type": "text"]])),
            .init(key: "tool_choice", value: value("tool_choice", "auto")),
            .init(key: "tools", value: echoedTools),
            .init(key: "top_p", value: value("top_p", 1)),
            .init(key: "truncation", value: "disabled"),
        ])
    }

    /// With the members that clients' types require.
    private var echoedTools: JSONValue {
        .array(
            (reader.value("tools")?.array ?? []).map { tool in
                var object = tool.object ?? JSONObject()
                for name in ["parameters", "strict"] where object[name] == nil { object.append(name, .null) }
                return .object(object)
            })
    }
}
