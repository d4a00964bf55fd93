/// Why no grammar can be made of a JSON Schema.
public struct SchemaError: Error, Equatable, Sendable {
    /// Where, as a JSON pointer from the schema's root: `#/properties/name/pattern`.
    public let path: String
    /// One clause without a full stop, fit to be sent back to whoever wrote the schema.
    public let reason: String

    public init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }
}

extension SchemaError: CustomStringConvertible {
    public var description: String { "\(path): \(reason)" }
}
