import Grammar
import Primitives
import Testing
import WireFormat

struct ToolCallTests {
    private static let tools = [
        ToolDefinition(
            name: "get_weather",
            parameters: [
                "type": "object", "properties": ["city": ["type": "string"], "days": ["type": "integer"]],
                "required": ["city"], "additionalProperties": .boolean(false),
            ]),
        ToolDefinition(name: "now", parameters: nil),
    ]

    private static func call(_ name: String, _ arguments: String) -> String {
        "<tool_call>\n{\"name\": \"\(name)\", \"arguments\": \(arguments)}\n</tool_call>"
    }

    private func grammar(_ choice: ToolChoice, isParallel: Bool) throws -> Grammar {
        try Grammar(gbnf: try ToolCallGrammar.grammar(tools: Self.tools, choice: choice, isParallel: isParallel))
    }

    @Test func choices() throws {
        let weather = Self.call("get_weather", #"{"city": "Köln"}"#)
        let now = Self.call("now", "{}")
        let (auto, required) = (try grammar(.auto, isParallel: true), try grammar(.required, isParallel: false))
        let named = try grammar(.named("now"), isParallel: true)
        #expect(
            ["", "Hello <tool_call>", "<tool", "<tool_cal", "<", weather, weather + "\n" + now].allSatisfy {
                auto.accepts($0.utf8)
            })
        #expect(
            ["<tool_call>", "<tool_call>x", weather + now, weather + "\nText"].allSatisfy { !auto.accepts($0.utf8) })
        #expect(required.accepts(weather.utf8) && required.accepts(now.utf8))
        #expect(
            ["", "Hello", weather + "\n" + now, Self.call("now", "{\"a\":1}"), Self.call("other", "{}")].allSatisfy {
                !required.accepts($0.utf8)
            })
        #expect(named.accepts(now.utf8) && named.accepts((now + "\n" + now).utf8) && !named.accepts(weather.utf8))
    }

    @Test func refusals() {
        func path(_ tools: [ToolDefinition], _ choice: ToolChoice) -> String? {
            do { _ = try ToolCallGrammar.grammar(tools: tools, choice: choice, isParallel: true) } catch {
                return error.path
            }
            return nil
        }
        #expect(path([], .required) == "tools")
        #expect(path(Self.tools, .named("other")) == "tool_choice")
        let bad = ToolDefinition(name: "b", parameters: ["properties": ["x": ["not": [:]]]])
        #expect(path(Self.tools + [bad], .auto) == "tools[2].function.parameters#/properties/x/not")
        #expect(
            path([ToolDefinition(name: "b", parameters: ["type": "string"])], .auto)
                == "tools[0].function.parameters#/type")
        #expect(path(Array(repeating: Self.tools[1], count: 129), .auto) == "tools")
    }

    /// Cut anywhere, the same calls come out, and make the same text again.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func answersOfARandomModelComeBack(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var model = RandomModel(PieceVocabulary.pieces, seed: seed)
        let answer = model.answer(try grammar(.required, isParallel: true))
        let text = String(decoding: try #require(answer), as: UTF8.self)
        var pieces: [String] = []
        for scalar in text.unicodeScalars {
            if pieces.isEmpty || Int.random(in: 0..<3, using: &random) == 0 { pieces.append("") }
            pieces[pieces.count - 1].unicodeScalars.append(scalar)
        }
        let (calls, rest, isWhole) = Self.read(pieces)
        #expect(rest.isEmpty && isWhole)
        #expect(!calls.isEmpty)
        #expect(ToolCallText.text(of: calls) == text)
        for call in calls { #expect(try JSONParser.parse(Bytes(call.arguments.utf8)).object != nil) }
    }

    private static func read(_ pieces: [String]) -> (calls: [ToolCall], text: String, isWhole: Bool) {
        var parser = ToolCallText()
        var events = pieces.flatMap { parser.append($0) }
        let isWhole = parser.isWholeCalls
        events += parser.finish()
        var calls: [ToolCall] = []
        var text = ""
        for event in events {
            switch event {
            case .text(let piece): text += piece
            case .callBegins(_, let name): calls.append(ToolCall(name: name, arguments: ""))
            case .arguments(let index, let piece):
                calls[index] = ToolCall(name: calls[index].name, arguments: calls[index].arguments + piece)
            case .callEnds: break
            }
        }
        return (calls, text, isWhole)
    }

    @Test(arguments: [
        "", "Hello", "<tool", "<tool_call>\nno", "<tool_call>\n{\"name\": 5}",
        "a<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>",
        "<tool_call>\n{\"name\": \"n", "\n<tool_call>",
    ])
    func otherTextIsPassedOn(text: String) {
        let (calls, rest, isWhole) = Self.read(text.unicodeScalars.map { String(Character($0)) })
        #expect(calls.isEmpty && !isWhole)
        #expect(rest == text)
    }

    @Test func eventsComeAsSoonAsTheyCan() {
        var parser = ToolCallText()
        var events = parser.append("<tool_call>\n{\"name\": \"a\\u0062\", \"arguments\"")
        #expect(events.isEmpty)
        events = parser.append(": {\"x\": \"}\\\"")
        #expect(events == [.callBegins(index: 0, name: "ab"), .arguments(index: 0, "{\"x\": \"}\\\"")])
        events = parser.append("\"}}\n</tool_call>\n")
        #expect(events == [.arguments(index: 0, "\"}"), .callEnds(index: 0)])
        events = parser.append("then text") + parser.finish()
        #expect(events == [.text("\nthen text")])
    }

    @Test func aCallThatBreaksOffHasNoEnd() {
        let (calls, text, isWhole) = Self.read(["<tool_call>\n{\"name\": \"now\", \"arguments\": {\"a\""])
        #expect(calls == [ToolCall(name: "now", arguments: "{\"a\"")])
        #expect(text.isEmpty && !isWhole)
    }
}
