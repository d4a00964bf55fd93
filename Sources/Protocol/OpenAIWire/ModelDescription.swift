import Primitives
import WireFormat

/// One model of `GET /v1/models`.
public struct ModelDescription: Equatable, Sendable {
    public let id: String
    /// Seconds since 1970-01-01 UTC.
    public let created: UInt64
    public let ownedBy: String
    public let name: String
    /// Tokens of prompt and output together.
    public let contextTokens: UInt64
    /// The most output tokens that one request may ask for.
    public let outputTokensMax: UInt64

    public init(
        id: String, created: UInt64, ownedBy: String, name: String, contextTokens: UInt64, outputTokensMax: UInt64
    ) {
        self.id = id
        self.created = created
        self.ownedBy = ownedBy
        self.name = name
        self.contextTokens = contextTokens
        self.outputTokensMax = outputTokensMax
    }

    /// The body of `GET /v1/models/{id}` and an element of the list.
    public var json: JSONValue {
        [
            "id": .string(id), "object": "model", "created": .number(created), "owned_by": .string(ownedBy),
            "name": .string(name), "context_length": .number(contextTokens),
            "max_output_length": .number(outputTokensMax), "input_modalities": ["text"], "output_modalities": ["text"],
        ]
    }

    /// The body of `GET /v1/models`: OpenAI's `data`, and the same again as `models`, which older clients of the network read.
    public static func list(_ models: [ModelDescription]) -> JSONValue {
        let elements = JSONValue.array(models.map(\.json))
        return ["object": "list", "data": elements, "models": elements]
    }
}
