import WireFormat

/// Reads what a request says of tools, and of the form of its answer.
struct ToolReader {
    let reader: ParameterReader
    let limits: OpenAILimits

    func tools() throws(OpenAIError) -> [ToolDefinition] {
        guard let value = reader.value("tools") else { return [] }
        guard let elements = value.array else { throw .wrongType("tools", expected: "an array", got: value) }
        guard elements.count <= limits.toolsMax else { throw .arrayTooLong("tools", countMax: limits.toolsMax) }
        var tools: [ToolDefinition] = []
        for (index, element) in elements.enumerated() {
            let tool = try tool(element, path: "tools[\(index)]")
            guard !tools.contains(where: { $0.name == tool.name }) else {
                throw .invalid("tools[\(index)].function.name", "'\(tool.name)' comes twice")
            }
            tools.append(tool)
        }
        return tools
    }

    private func tool(_ value: JSONValue, path: String) throws(OpenAIError) -> ToolDefinition {
        guard let object = value.object else { throw .wrongType(path, expected: "an object", got: value) }
        let outer = ParameterReader(object: object, path: path)
        guard let type = try outer.string("type") else { throw .missing(outer.path(of: "type")) }
        guard type == "function" else {
            throw .unsupported(outer.path(of: "type"), value: type, instead: "only 'function' tools are known")
        }
        try outer.checkNames(["type", "function"])
        guard let function = try outer.object("function") else { throw .missing(outer.path(of: "function")) }
        return try Self.function(ParameterReader(object: function, path: outer.path(of: "function")))
    }

    /// The members of a function's definition.
    static func function(_ reader: ParameterReader) throws(OpenAIError) -> ToolDefinition {
        try reader.checkNames(ChatCompletionParameters.Function.names)
        _ = try reader.string("description")
        let name = try self.name(reader)
        let parameters = try reader.object("parameters")
        return ToolDefinition(
            name: name, definition: reader.object, parameters: parameters.map { .object($0) },
            isStrict: try reader.boolean("strict") ?? false)
    }

    /// A name that JSON needs no escape for: calls are put together around it.
    static func name(_ reader: ParameterReader) throws(OpenAIError) -> String {
        let path = reader.path(of: "name")
        guard let name = try reader.string("name") else { throw .missing(path) }
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard !name.isEmpty, name.utf8.count <= OpenAILimits.functionNameBytesMax, isPlain else {
            throw .invalid(
                path, "expected 1 to \(OpenAILimits.functionNameBytesMax) letters, digits, underscores or hyphens")
        }
        return name
    }

    /// - Parameter tools: those of the request.
    func choice(_ tools: [ToolDefinition]) throws(OpenAIError) -> ToolChoice {
        let path = "tool_choice"
        guard let value = reader.value(path) else { return tools.isEmpty ? .none : .auto }
        let choice: ToolChoice
        switch value {
        case .string("none"): return .none
        case .string("auto"): return tools.isEmpty ? .none : .auto
        case .string("required"): choice = .required
        case .string(let word): throw .invalid(path, "'\(word.bounded())' is not one of none, auto, required")
        case .object(let object): choice = .named(try named(object))
        default: throw .wrongType(path, expected: "a string or an object", got: value)
        }
        guard !tools.isEmpty else { throw .invalid(path, "it is only allowed when 'tools' are given") }
        if case .named(let name) = choice, !tools.contains(where: { $0.name == name }) {
            throw .invalid(path, "no tool is named '\(name.bounded())'")
        }
        return choice
    }

    private func named(_ object: JSONObject) throws(OpenAIError) -> String {
        let outer = ParameterReader(object: object, path: "tool_choice")
        guard let type = try outer.string("type") else { throw .missing(outer.path(of: "type")) }
        guard type == "function" else {
            throw .unsupported(outer.path(of: "type"), value: type, instead: "only 'function' is known")
        }
        try outer.checkNames(["type", "function"])
        guard let function = try outer.object("function") else { throw .missing(outer.path(of: "function")) }
        let inner = ParameterReader(object: function, path: outer.path(of: "function"))
        try inner.checkNames(["name"])
        return try Self.name(inner)
    }

    func responseFormat() throws(OpenAIError) -> ResponseFormat {
        guard let object = try reader.object("response_format") else { return .text }
        return try Self.format(ParameterReader(object: object, path: "response_format"), nested: true)
    }

    /// - Parameter nested: whether the schema lies in a member `json_schema`, as in chat completions, or beside the type.
    static func format(_ reader: ParameterReader, nested: Bool) throws(OpenAIError) -> ResponseFormat {
        guard let type = try reader.string("type") else { throw .missing(reader.path(of: "type")) }
        switch type {
        case "text", "json_object":
            try reader.checkNames(["type"])
            return type == "text" ? .text : .jsonObject
        case "json_schema":
            var inner = reader
            if nested {
                try reader.checkNames(["type", "json_schema"])
                let path = reader.path(of: "json_schema")
                guard let object = try reader.object("json_schema") else { throw .missing(path) }
                inner = ParameterReader(object: object, path: path)
            }
            try inner.checkNames(ChatCompletionParameters.Schema.names + (nested ? [] : ["type"]))
            _ = try inner.string("description")
            _ = try inner.boolean("strict")
            _ = try name(inner)
            return try inner.object("schema").map { .jsonSchema(.object($0)) } ?? .jsonObject
        default:
            throw .unsupported(
                reader.path(of: "type"), value: type, instead: "it is one of text, json_object, json_schema")
        }
    }
}
