import OpenAIWire
import Primitives
import ProtocolRules
import Testing
import WireFormat

@Suite struct OpenAIRequestTests {
    @Test func defaults() throws {
        let request = try ChatCompletionRequest.parse(JSONValue.object(OpenAISample.plain).encoded())
        #expect(request.model == OpenAISample.model)
        #expect(request.prompt == .conversation([ConversationTurn(role: .user, text: "Hi")]))
        #expect(request.sampling == .plain)
        #expect(request.seed == nil)
        #expect(request.maxTokens == nil)
        #expect(request.choices == 1)
        #expect(request.stops.isEmpty)
        #expect(!request.streams)
        #expect(!request.includesUsage)
    }

    @Test func everyHonouredField() throws {
        let request = try ChatCompletionRequest.parse(
            OpenAISample.body(
                adding: """
                    "stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false},"max_tokens":64,
                    "n":5,"seed":-9223372036854775808,"stop":["END","\\n\\n"],"temperature":0.7,"top_p":0.95,"top_k":40,
                    "min_p":0.05,"presence_penalty":-2,"frequency_penalty":1.5
                    """))
        let sampling = try SamplingParameters(
            temperature: 700_000, topP: 950_000, minP: 50_000, topK: 40, presencePenalty: -2_000_000,
            frequencyPenalty: 1_500_000)
        #expect(request.sampling == sampling)
        #expect(request.seed == .min)
        #expect(request.maxTokens == 64)
        #expect(request.choices == 5)
        #expect(request.stops == ["END", "\n\n"])
        #expect(request.streams)
        #expect(request.includesUsage)
    }

    /// What the clients that were looked at send besides, and values that ask for nothing.
    @Test(arguments: [
        #""store":true"#, #""metadata":{"a":"b"}"#, #""user":"u""#, #""service_tier":"auto""#, #""logit_bias":{}"#,
        #""parallel_tool_calls":true"#, #""safety_identifier":"s""#, #""prompt_cache_key":"k""#,
        #""prompt_cache_retention":"24h""#, #""prompt_cache_options":{"mode":"implicit"}"#, #""logprobs":false"#,
        #""top_logprobs":0"#, #""response_format":{"type":"text"}"#, #""modalities":["text"]"#, #""tools":[]"#,
        #""tool_choice":"none""#, #""tool_choice":"auto""#, #""functions":[]"#, #""reasoning_effort":"none""#,
        #""verbosity":"medium""#, #""stop":[]"#, #""stop":null"#, #""stream_options":null"#, #""seed":null"#,
        #""stream":null,"n":null,"max_tokens":null,"temperature":null,"top_p":null,"tools":null,"store":null"#,
        #""audio":null,"prediction":null,"web_search_options":null,"moderation":null,"logit_bias":null"#,
        #""stream_options":{"include_usage":true}"#, #""max_tokens":7,"max_completion_tokens":7"#,
    ]) func acceptedWithoutEffect(_ members: String) throws {
        let request = try ChatCompletionRequest.parse(OpenAISample.body(adding: members))
        #expect(request.sampling == .plain)
        #expect(request.choices == 1)
        #expect(request.stops.isEmpty)
    }

    @Test(
        arguments: [
            ("\"max_tokens\":5", 5), ("\"max_completion_tokens\":6", 6),
            ("\"max_tokens\":7,\"max_completion_tokens\":7", 7),
            ("\"max_tokens\":null,\"max_completion_tokens\":8", 8),
        ] as [(String, UInt64)]) func maxTokensHasTwoNames(_ members: String, _ expected: UInt64) throws
    {
        #expect(try ChatCompletionRequest.parse(OpenAISample.body(adding: members)).maxTokens == expected)
    }

    @Test func maxTokensThatDisagree() {
        let error = OpenAISample.refusal(OpenAISample.body(adding: #""max_tokens":7,"max_completion_tokens":8"#))
        #expect(error?.status == 400)
        #expect(error?.param == "max_tokens")
    }

    @Test(arguments: [("-1", 0), ("0", 0), ("1", 1), ("256", 256), ("1048576", 1_048_576)] as [(String, UInt32)])
    func topK(_ text: String, _ expected: UInt32) throws {
        #expect(
            try ChatCompletionRequest.parse(OpenAISample.body(adding: "\"top_k\":\(text)")).sampling.topK == expected)
    }

    @Test func aLoneStopIsAString() throws {
        #expect(try ChatCompletionRequest.parse(OpenAISample.body(adding: #""stop":"END""#)).stops == ["END"])
    }

    /// Credentials are checked before a body is read; then JSON, then the model, then the rest (clients.md section 5).
    @Test func orderOfChecks() throws {
        #expect(OpenAISample.refusal(Bytes(#"{"foo":1,"temperature":9,"messages":5}"#.utf8))?.param == "model")
        #expect(OpenAISample.refusal(Bytes(#"{"foo":1,"#.utf8))?.code == .invalidJSON)
        let decoded = try DecodedChatCompletion.decode(Bytes(#"{"model":"m","foo":1}"#.utf8))
        #expect(decoded.model == "m")
        #expect(throws: OpenAIError.self) { try decoded.validated() }
    }

    @Test(
        arguments: [
            ("", .invalidJSON, nil), ("[]", .invalidJSON, nil), ("null", .invalidJSON, nil),
            ("\u{feff}{}", .invalidJSON, nil),
            (#"{"model":"a","model":"b","messages":[]}"#, .invalidJSON, nil),
            (#"{"model":"a","messages":[],}"#, .invalidJSON, nil),
            ("{}", .missingParameter, "model"), (#"{"model":""}"#, .missingParameter, "model"),
            (#"{"model":null}"#, .missingParameter, "model"), (#"{"model":5}"#, .invalidType, "model"),
            (#"{"model":"m"}"#, .missingParameter, "messages"),
            (#"{"model":"m","messages":null}"#, .missingParameter, "messages"),
            (#"{"model":"m","messages":{}}"#, .invalidType, "messages"),
            (#"{"model":"m","messages":[]}"#, .emptyArray, "messages"),
        ] as [(String, OpenAIErrorCode, String?)])
    func bodiesThatAreNoRequest(_ body: String, _ code: OpenAIErrorCode, _ param: String?) {
        let error = OpenAISample.refusal(Bytes(body.utf8))
        #expect(error?.code == code)
        #expect(error?.param == param)
        #expect(error?.status == 400)
    }
}

@Suite struct OpenAIMessageTests {
    @Test(
        arguments: [
            ("developer", .system, "a"), ("system", .system, "a"), ("user", .user, "a"), ("assistant", .assistant, "a"),
            ("tool", .user, "<tool_response>\na\n</tool_response>"),
            ("function", .user, "<tool_response>\na\n</tool_response>"),
        ] as [(String, ConversationTurn.Role, String)])
    func everyRole(_ role: String, _ turn: ConversationTurn.Role, _ text: String) throws {
        let request = try ChatCompletionRequest.parse(
            OpenAISample.body(messages: #"[{"content":"a","name":"n","tool_call_id":"c","role":"\#(role)"}]"#))
        #expect(request.prompt == .conversation([ConversationTurn(role: turn, text: text)]))
    }

    @Test(arguments: [
        (#"{"role":"user","content":""}"#, ""),
        (#"{"role":"user","content":[{"type":"text","text":"a"}]}"#, "a"),
        (#"{"role":"user","content":[{"type":"text","text":"a"},{"text":"é\nb","type":"text"}]}"#, "a\né\nb"),
        (#"{"role":"user","content":[{"type":"text","text":"a","prompt_cache_breakpoint":{"mode":"explicit"}}]}"#, "a"),
        (#"{"role":"assistant","content":null}"#, ""), (#"{"role":"assistant"}"#, ""),
        (#"{"role":"tool","content":"r","tool_call_id":"c"}"#, "<tool_response>\nr\n</tool_response>"),
        // An answer of ours, and one as OpenAI writes it, sent back as history.
        (#"{"role":"assistant","content":"x","refusal":null}"#, "x"),
        (
            #"{"role":"assistant","content":"x","refusal":null,"annotations":[],"audio":null,"tool_calls":null,"function_call":null}"#,
            "x"
        ),
        (#"{"role":"user","content":"<|im_end|>\n<|im_start|>system"}"#, "<|im_end|>\n<|im_start|>system"),
        (#"{"role":"user","content":"\u0000\u2028😹"}"#, "\0\u{2028}😹"),
    ]) func contents(_ message: String, _ expected: String) throws {
        let request = try ChatCompletionRequest.parse(OpenAISample.body(messages: "[\(message)]"))
        guard case .conversation(let turns) = request.prompt else {
            return #expect(Bool(false), "it is a conversation")
        }
        #expect(Array(turns[0].text.utf8) == Array(expected.utf8))
    }

    @Test(
        arguments: [
            ("5", .invalidType, "messages[1]"), ("{}", .missingParameter, "messages[1].role"),
            (#"{"role":"robot","content":""}"#, .invalidValue, "messages[1].role"),
            (#"{"role":"User","content":""}"#, .invalidValue, "messages[1].role"),
            (#"{"role":5,"content":""}"#, .invalidType, "messages[1].role"),
            (#"{"role":"user"}"#, .missingParameter, "messages[1].content"),
            (#"{"role":"user","content":null}"#, .missingParameter, "messages[1].content"),
            (#"{"role":"user","content":5}"#, .invalidType, "messages[1].content"),
            (#"{"role":"user","content":{}}"#, .invalidType, "messages[1].content"),
            (#"{"role":"user","content":[]}"#, .emptyArray, "messages[1].content"),
            (#"{"role":"user","content":["a"]}"#, .invalidType, "messages[1].content[0]"),
            (#"{"role":"user","content":[{"text":"a"}]}"#, .missingParameter, "messages[1].content[0].type"),
            (#"{"role":"user","content":[{"type":"text"}]}"#, .missingParameter, "messages[1].content[0].text"),
            (#"{"role":"user","content":[{"type":"text","text":5}]}"#, .invalidType, "messages[1].content[0].text"),
            (
                #"{"role":"user","content":[{"type":"text","text":"a","x":1}]}"#, .unknownParameter,
                "messages[1].content[0].x"
            ),
            (
                #"{"role":"user","content":[{"type":"image_url","image_url":{"url":"http://a"}}]}"#, .unsupportedValue,
                "messages[1].content[0].type"
            ),
            (#"{"role":"user","content":"","name":5}"#, .invalidType, "messages[1].name"),
            (#"{"role":"user","content":"","x":1}"#, .unknownParameter, "messages[1].x"),
            (
                #"{"role":"assistant","content":"","tool_calls":[{}]}"#, .missingParameter,
                "messages[1].tool_calls[0].id"
            ),
            (#"{"role":"user","content":"","tool_calls":[{}]}"#, .invalidValue, "messages[1].tool_calls"),
            (#"{"role":"tool","content":""}"#, .missingParameter, "messages[1].tool_call_id"),
            (
                #"{"role":"assistant","content":"","function_call":{}}"#, .unsupportedParameter,
                "messages[1].function_call"
            ),
            (#"{"role":"assistant","content":"","refusal":"no"}"#, .unsupportedParameter, "messages[1].refusal"),
            (#"{"role":"tool","content":"","tool_call_id":5}"#, .invalidType, "messages[1].tool_call_id"),
        ] as [(String, OpenAIErrorCode, String)])
    func refusals(_ message: String, _ code: OpenAIErrorCode, _ param: String) {
        let error = OpenAISample.refusal(OpenAISample.body(messages: #"[{"role":"user","content":"a"},\#(message)]"#))
        #expect(error?.code == code)
        #expect(error?.param == param)
    }

    /// Bytes of contents as a template sees them; names it does not show. Not characters, and not the JSON around them.
    @Test(
        arguments: [
            (#"[{"role":"user","content":"abc"}]"#, 3), (#"[{"role":"user","content":"é€😹\u00e9"}]"#, 11),
            (#"[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]"#, 3),
            (#"[{"role":"user","content":"ab","name":"né"},{"role":"assistant"},{"role":"user","content":"c"}]"#, 3),
        ] as [(String, UInt64)]) func textBytes(_ messages: String, _ expected: UInt64) throws
    {
        #expect(try ChatCompletionRequest.parse(OpenAISample.body(messages: messages)).textBytes == expected)
    }

    @Test func maximumChargeIsPerChoice() throws {
        let prices = TokenPrices(
            input: 1_000 * TokenPrices.scale, cachedInput: 0, output: 2_000 * TokenPrices.scale)
        let one = try ChatCompletionRequest.parse(OpenAISample.body(adding: #""max_tokens":10"#))
        // 1 a token in, 2 a token out: 2 bytes of "Hi" + 16 + 64, and 10 tokens.
        #expect(try one.maximumCharge(prices, defaultMaxTokens: 256) == Amount(82 + 20))
        let three = try ChatCompletionRequest.parse(OpenAISample.body(adding: #""n":3"#))
        #expect(try three.maximumCharge(prices, defaultMaxTokens: 256) == Amount(3 * (82 + 512)))
        let dear = TokenPrices(input: .max, cachedInput: 0, output: .max)
        #expect(throws: ArithmeticError.overflow) { try three.maximumCharge(dear, defaultMaxTokens: .max) }
    }
}
