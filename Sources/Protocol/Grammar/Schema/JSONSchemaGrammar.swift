import WireFormat

/// JSON Schemas as grammars.
///
/// Every word of the grammar is strict JSON and satisfies the schema, with two exceptions that no grammar can rule out: `oneOf`
/// is read as `anyOf`, and a key that the schema leaves open may be written twice. Not every value that satisfies the schema is
/// a word: members come in the order of the schema, an object without `additionalProperties` has only those of `properties`,
/// numbers have bounded length, and after a comma or a colon there is at most one space. Deterministic.
public enum JSONSchemaGrammar {
    /// - Returns: GBNF within `GrammarLimits`.
    /// - Throws: where the schema asks for what a grammar cannot see to, or for too much.
    public static func grammar(for schema: JSONValue) throws(SchemaError) -> String {
        var text = GrammarText()
        let root = try SchemaCompiler.compile(schema, path: "", in: &text)
        return try text.finish(root: root, path: "#")
    }

    /// Any JSON object.
    public static func jsonObject() throws(SchemaError) -> String {
        var text = GrammarText()
        let root = try text.object()
        return try text.finish(root: root, path: "#")
    }
}
