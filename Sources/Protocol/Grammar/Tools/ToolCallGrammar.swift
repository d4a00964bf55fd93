import Primitives
import WireFormat

/// The answers of a model that has functions to call, as a grammar.
///
/// A call is exactly `<tool_call>\n{"name": "NAME", "arguments": ARGUMENTS}\n</tool_call>`, and calls are separated by one
/// line break, so that the text follows from names and arguments. It is plain text: no control token takes part.
public enum ToolCallGrammar {
    /// The most calls of one answer.
    public static let callsMax = 16
    /// The most functions of one request.
    public static let toolsMax = 128

    /// - Parameters:
    ///   - tools: at least one, no name twice.
    ///   - isParallel: whether one answer may hold several calls, up to `callsMax`.
    /// - Throws: `SchemaError` with a path such as `tools[0].function.parameters#/properties/city`.
    public static func grammar(
        tools: [ToolDefinition], choice: ToolChoice, isParallel: Bool
    ) throws(SchemaError) -> String {
        guard tools.count <= toolsMax else {
            throw SchemaError(path: "tools", reason: "there are more than \(toolsMax)")
        }
        if case .named(let name) = choice, !tools.contains(where: { Bytes($0.name.utf8) == Bytes(name.utf8) }) {
            throw SchemaError(path: "tool_choice", reason: "no tool has this name")
        }
        var text = GrammarText()
        var calls: [String] = []
        for (index, tool) in tools.enumerated() {
            if case .named(let name) = choice, Bytes(tool.name.utf8) != Bytes(name.utf8) { continue }
            calls.append(try call(of: tool, number: index, in: &text))
        }
        guard !calls.isEmpty else { throw SchemaError(path: "tools", reason: "there are none to call") }
        let call = try text.rule("call", calls.joined(separator: " | "))
        let answer = isParallel ? "\(call) (\"\\n\" \(call)){0,\(callsMax - 1)}" : call
        let root = choice == .auto ? "\(answer) | \(try plainText(in: &text))" : answer
        return try text.finish(root: root, path: "tools")
    }

    private static func call(
        of tool: ToolDefinition, number: Int, in text: inout GrammarText
    ) throws(SchemaError) -> String {
        let path = "tools[\(number)].function.parameters"
        let schema = tool.parameters ?? .object(JSONObject([.init(key: "type", value: "object")]))
        guard schema.object != nil else { throw SchemaError(path: path, reason: "it is not an object") }
        let closed = tool.parameters == nil || schema.object?.members.isEmpty == true
        let arguments =
            closed
            ? GrammarText.literal("{}") : try SchemaCompiler.compile(schema, path: path, isArguments: true, in: &text)
        let opening = ToolCallText.opening + ToolCallText.encoded(tool.name) + ToolCallText.middle
        return "\(GrammarText.literal(opening)) \(arguments) \(GrammarText.literal(ToolCallText.closing))"
    }

    /// Any text that does not begin as a call does.
    private static func plainText(in text: inout GrammarText) throws(SchemaError) -> String {
        var rest: String?
        for scalar in ToolCallText.tag.unicodeScalars.reversed() {
            let other = "\(GrammarText.characterClass(CodePointSet(of: String(scalar)).inverted)) .*"
            let same = rest.map { " | \(GrammarText.literal(String(scalar))) \($0)" } ?? ""
            rest = try text.rule("text", "\"\" | \(other)\(same)")
        }
        return rest ?? "\"\""
    }
}
