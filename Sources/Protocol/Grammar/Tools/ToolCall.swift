import WireFormat

/// A function that a model may call.
public struct ToolDefinition: Sendable, Equatable {
    public let name: String
    /// The JSON Schema of its arguments, an object; nil for a function without any.
    public let parameters: JSONValue?

    public init(name: String, parameters: JSONValue?) {
        self.name = name
        self.parameters = parameters
    }
}

/// Whether an answer calls.
public enum ToolChoice: Sendable, Equatable {
    /// As the model likes: calls, or text.
    case auto
    /// At least one call.
    case required
    /// Calls of this function only, at least one.
    case named(String)
}

/// One call as the model wrote it.
public struct ToolCall: Sendable, Equatable {
    public let name: String
    /// A JSON object, byte by byte as it was written.
    public let arguments: String

    public init(name: String, arguments: String) {
        self.name = name
        self.arguments = arguments
    }
}
