import Grammar
import WireFormat

extension AnswerForm {
    /// The grammar of the answer's text in GBNF; nil where any text will do. The same for the same request everywhere.
    ///
    /// - Throws: 400 for a schema that cannot be enforced, with the path to what is at fault.
    public func grammar() throws(OpenAIError) -> String? {
        switch format {
        case .text: return try callGrammar()
        case .jsonObject:
            return try Self.grammar("response_format") { () throws(SchemaError) in
                try JSONSchemaGrammar.jsonObject()
            }
        case .jsonSchema(let schema):
            return try Self.grammar("response_format.json_schema.schema") { () throws(SchemaError) in
                try JSONSchemaGrammar.grammar(for: schema)
            }
        }
    }

    /// Throws what is wrong with the request's schemas.
    func checkGrammar() throws(OpenAIError) { _ = try grammar() }

    /// - Parameter param: the request's field whose fault an error is.
    private static func grammar(
        _ param: String, _ compile: () throws(SchemaError) -> String
    ) throws(OpenAIError) -> String {
        do throws(SchemaError) { return try compile() } catch { throw .unsupportedSchema(param, error) }
    }

    private func callGrammar() throws(OpenAIError) -> String? {
        guard mayCall else { return nil }
        // Each schema is tried alone only where not all of them can be had.
        do throws(OpenAIError) { return try callGrammar(tools.map(\.parameters)) } catch {
            guard tools.contains(where: { !$0.isStrict && $0.parameters != nil }) else { throw error }
        }
        return try callGrammar(tools.map(Self.enforceable))
    }

    /// - Parameter schemas: of the tools' arguments, in their order.
    private func callGrammar(_ schemas: [JSONValue?]) throws(OpenAIError) -> String {
        try Self.grammar("tools") { () throws(SchemaError) in
            try ToolCallGrammar.grammar(
                tools: zip(tools, schemas).map { .init(name: $0.name, parameters: $1) },
                choice: {
                    switch toolChoice {
                    case .none, .auto: .auto
                    case .required: .required
                    case .named(let name): .named(name)
                    }
                }(), isParallel: allowsParallelCalls)
        }
    }

    /// The schema that a tool's arguments are held to: one that no grammar says is any object, unless the tool is strict, as its
    /// sender asked for what cannot be kept then.
    private static func enforceable(_ tool: ToolDefinition) -> JSONValue? {
        guard let schema = tool.parameters, !tool.isStrict else { return tool.parameters }
        return (try? JSONSchemaGrammar.grammar(for: schema)) == nil ? ["type": "object"] : schema
    }
}

extension OpenAIError {
    static func unsupportedSchema(_ param: String, _ error: SchemaError) -> OpenAIError {
        OpenAIError(
            .unsupportedSchema,
            "Invalid schema for '\(param)': at \(error.path.bounded()), \(error.reason.bounded(200)).",
            param: param)
    }
}
