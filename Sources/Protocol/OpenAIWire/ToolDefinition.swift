import WireFormat

/// A function that the model may call.
public struct ToolDefinition: Equatable, Sendable {
    /// 1 to 64 of `A-Z a-z 0-9 _ -`: it needs no escape in JSON.
    public let name: String
    /// The whole definition as it was sent, for the prompt.
    public let definition: JSONObject
    /// The arguments' JSON Schema; nil for a function without arguments.
    public let parameters: JSONValue?
    /// Whether a schema that cannot be enforced is refused; otherwise its arguments may be any object.
    public let isStrict: Bool

    public init(name: String, definition: JSONObject, parameters: JSONValue?, isStrict: Bool) {
        self.name = name
        self.definition = definition
        self.parameters = parameters
        self.isStrict = isStrict
    }
}

/// Whether and what the model has to call.
public enum ToolChoice: Equatable, Sendable {
    /// It answers with text.
    case none
    /// Text or calls, as it likes.
    case auto
    /// At least one call.
    case required
    /// Exactly this function, once.
    case named(String)
}

/// A call that the model made.
public struct ToolCall: Equatable, Sendable {
    /// Made up by whoever answered; names the call in the conversation that follows.
    public let id: String
    public let name: String
    /// A JSON object's text, as the model wrote it.
    public internal(set) var arguments: String

    public init(id: String, name: String, arguments: String) {
        self.id = id
        self.name = name
        self.arguments = arguments
    }
}

/// What an answer's text has to be.
public enum ResponseFormat: Equatable, Sendable {
    case text
    /// Any JSON object.
    case jsonObject
    /// JSON of this schema.
    case jsonSchema(JSONValue)
}
