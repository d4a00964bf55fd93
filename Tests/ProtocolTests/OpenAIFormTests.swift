import OpenAIWire
import Primitives
import ProtocolRules
import Testing
import WireFormat

/// Tools, forms of answers, biases and log-probabilities in requests.
@Suite struct OpenAIFormTests {
    private static let tool =
        #"{"type":"function","function":{"name":"add","parameters":{"type":"object","properties":{}}}}"#

    private static func request(_ members: String) throws -> ChatCompletionRequest {
        try ChatCompletionRequest.parse(OpenAISample.body(adding: members))
    }

    @Test(
        arguments: [
            ("", .auto), (#","tool_choice":"auto""#, .auto), (#","tool_choice":"none""#, .none),
            (#","tool_choice":"required""#, .required),
            (#","tool_choice":{"type":"function","function":{"name":"add"}}"#, .named("add")),
        ] as [(String, ToolChoice)])
    func toolChoices(_ member: String, _ choice: ToolChoice) throws {
        let request = try Self.request("\"tools\":[\(Self.tool)]\(member)")
        #expect(request.form.tools.map(\.name) == ["add"])
        #expect(request.form.toolChoice == choice)
        #expect(request.form.mayCall == (choice != .none))
    }

    /// The prompt tells of the tools, and history shows calls as the model writes them.
    @Test func aConversationWithTools() throws {
        let body = OpenAISample.body(
            messages: """
                [{"role":"user","content":"1+2?"},{"role":"assistant","content":null,"tool_calls":[{"id":"c1",
                "type":"function","function":{"name":"add","arguments":"{\\"a\\":1}"}}]},
                {"role":"tool","tool_call_id":"c1","content":"3"},{"role":"tool","tool_call_id":"c1","content":"4"}],
                "tools":[\(Self.tool)]
                """)
        guard case .conversation(let turns) = try ChatCompletionRequest.parse(body).prompt else {
            Issue.record("it is a conversation")
            return
        }
        #expect(turns.map(\.role) == [.system, .user, .assistant, .user])
        #expect(turns[0].text.contains(#"{"type":"function","function":{"name":"add","#))
        #expect(turns[2].text == "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\":1}}\n</tool_call>")
        #expect(turns[3].text == "<tool_response>\n3\n</tool_response>\n<tool_response>\n4\n</tool_response>")
    }

    /// What a prompt shows is paid for, the list of tools included.
    @Test func toolsAreCharged() throws {
        let plain = try Self.request(#""n":1"#)
        let tools = try Self.request("\"tools\":[\(Self.tool)]")
        let silent = try Self.request("\"tools\":[\(Self.tool)],\"tool_choice\":\"none\"")
        #expect(tools.textBytes > plain.textBytes + UInt64(Self.tool.utf8.count))
        #expect(tools.turnCount == plain.turnCount + 1)
        #expect(silent.textBytes == plain.textBytes)
    }

    @Test(
        arguments: [
            (#"{"type":"text"}"#, .text), (#"{"type":"json_object"}"#, .jsonObject),
            (
                #"{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"null"},"strict":true}}"#,
                .jsonSchema(["type": "null"])
            ),
            (#"{"type":"json_schema","json_schema":{"name":"n"}}"#, .jsonObject),
        ] as [(String, ResponseFormat)])
    func formats(_ text: String, _ format: ResponseFormat) throws {
        #expect(try Self.request("\"response_format\":\(text)").form.format == format)
    }

    @Test func biasIsSortedAndWithoutZeros() throws {
        let bias = try Self.request(#""logit_bias":{"50256":-100,"7":0.5,"3":0}"#).form.bias
        #expect(bias.map(\.token) == [7, 50_256])
        #expect(bias.map(\.millionths) == [500_000, -100_000_000])
    }

    @Test func logprobs() throws {
        #expect(try Self.request(#""logprobs":false"#).topLogprobs == nil)
        #expect(try Self.request(#""logprobs":true"#).topLogprobs == 0)
        #expect(try Self.request(#""logprobs":true,"top_logprobs":20"#).topLogprobs == 20)
    }

    @Test(
        arguments: [
            (#""tools":5"#, .invalidType, "tools"), (#""tools":[5]"#, .invalidType, "tools[0]"),
            (#""tools":[{"type":"function"}]"#, .missingParameter, "tools[0].function"),
            (#""tools":[{"type":"custom","custom":{}}]"#, .unsupportedValue, "tools[0].type"),
            (#""tools":[{"type":"function","function":{"name":"a b"}}]"#, .invalidValue, "tools[0].function.name"),
            (#""tools":[{"type":"function","function":{"name":"a","x":1}}]"#, .unknownParameter, "tools[0].function.x"),
            (#""tools":[\#(tool),\#(tool)]"#, .invalidValue, "tools[1].function.name"),
            (#""tool_choice":"required""#, .invalidValue, "tool_choice"),
            (#""tools":[\#(tool)],"tool_choice":"must""#, .invalidValue, "tool_choice"),
            (
                #""tools":[\#(tool)],"tool_choice":{"type":"function","function":{"name":"b"}}"#, .invalidValue,
                "tool_choice"
            ),
            (#""tools":[\#(tool)],"response_format":{"type":"json_object"}"#, .unsupportedValue, "response_format"),
            (#""response_format":{"type":"xml"}"#, .unsupportedValue, "response_format.type"),
            (#""response_format":{"type":"text","x":1}"#, .unknownParameter, "response_format.x"),
            (#""response_format":{"type":"json_schema"}"#, .missingParameter, "response_format.json_schema"),
            (#""logit_bias":{"a":1}"#, .invalidValue, "logit_bias"),
            (#""logit_bias":{"07":1}"#, .invalidValue, "logit_bias"),
            (#""logit_bias":{"7":101}"#, .decimalAboveMaximum, "logit_bias.7"),
            (#""logit_bias":{"7":"1"}"#, .invalidType, "logit_bias.7"),
            (#""logprobs":5"#, .invalidType, "logprobs"), (#""top_logprobs":5"#, .invalidValue, "top_logprobs"),
            (#""logprobs":true,"top_logprobs":21"#, .integerAboveMaximum, "top_logprobs"),
        ] as [(String, OpenAIErrorCode, String)])
    func refusedByName(_ members: String, _ code: OpenAIErrorCode, _ param: String) {
        let error = OpenAISample.refusal(OpenAISample.body(adding: members))
        #expect(error?.code == code)
        #expect(error?.param == param)
    }

    @Test func aTextCompletion() throws {
        let body = Bytes(#"{"model":"m","prompt":["Once"],"max_tokens":5,"echo":true,"logprobs":2,"n":2}"#.utf8)
        let request = try ChatCompletionRequest.parse(body)
        #expect(request.prompt == .text("Once"))
        #expect(request.turnCount == 0)
        #expect(request.textBytes == 4)
        #expect(request.topLogprobs == 2)
        #expect(request.echoes)
        #expect(OpenAISample.refusal(Bytes(#"{"model":"m","prompt":[1,2]}"#.utf8))?.param == "prompt")
        #expect(OpenAISample.refusal(Bytes(#"{"model":"m","prompt":["a","b"]}"#.utf8))?.code == .arrayTooLong)
        #expect(OpenAISample.refusal(Bytes(#"{"model":"m","prompt":"a","suffix":"b"}"#.utf8))?.param == "suffix")
    }
}
