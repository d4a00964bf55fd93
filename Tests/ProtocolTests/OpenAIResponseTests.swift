import OpenAIWire
import Primitives
import Testing
import WireFormat

private func text(_ bytes: Bytes) -> String { String(decoding: bytes, as: UTF8.self) }

@Suite struct OpenAIResponseTests {
    static let usage = ChatCompletionUsage(promptTokens: 20, cachedTokens: 16, completionTokens: 3)
    static let stream = ChatCompletionStream(id: "chatcmpl-1", created: 1_767_225_600, model: "m", includesUsage: true)
    static let receipt: JSONValue = ["receipt": "AAE", "round": 7]

    @Test func goldenAnswer() throws {
        let answer = ChatCompletionResponse(
            id: "chatcmpl-1", created: 1_767_225_600, model: "m",
            choices: [
                ChatCompletionResponse.Choice(index: 0, content: "It is\n\"Paris\".", finishReason: .stop),
                ChatCompletionResponse.Choice(index: 1, content: "", finishReason: .length),
            ], usage: Self.usage, gonka: Self.receipt)
        #expect(
            text(answer.encoded())
                == #"{"id":"chatcmpl-1","object":"chat.completion","created":1767225600,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"It is\n\"Paris\".","refusal":null},"logprobs":null,"finish_reason":"stop"},{"index":1,"message":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":"length"}],"usage":{"prompt_tokens":20,"completion_tokens":3,"total_tokens":23,"prompt_tokens_details":{"cached_tokens":16}},"gonka":{"receipt":"AAE","round":7}}"#
        )
        #expect(try ChatCompletionResponse.parse(answer.encoded()) == answer)
    }

    @Test func answerWithoutReceipt() throws {
        let answer = ChatCompletionResponse(
            id: "i", created: 0, model: "m", choices: [], usage: Self.usage, gonka: nil)
        #expect(!text(answer.encoded()).contains("gonka"))
        #expect(try ChatCompletionResponse.parse(answer.encoded()) == answer)
    }

    @Test func goldenChunks() {
        let head = #"{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1767225600,"model":"m","choices":["#
        let expected = [
            #"{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"usage":null}"#,
            #"{"index":0,"delta":{"content":" Paris"},"logprobs":null,"finish_reason":null}],"usage":null}"#,
            #"{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null,"gonka":{"receipt":"AAE","round":7}}"#,
            #"],"usage":{"prompt_tokens":20,"completion_tokens":3,"total_tokens":23,"prompt_tokens_details":{"cached_tokens":16}}}"#,
        ].map { head + $0 }
        let chunks = [
            Self.stream.opening(), Self.stream.content(" Paris"), Self.stream.finish(.stop, gonka: Self.receipt),
            Self.stream.usage(Self.usage),
        ]
        #expect(chunks.map { $0.map { text($0.encoded()) } } == expected)
    }

    @Test func usageOnlyWhereAskedFor() {
        let stream = ChatCompletionStream(id: "i", created: 0, model: "m", includesUsage: false)
        #expect(stream.usage(Self.usage) == nil)
        for chunk in [stream.opening(), stream.content("x"), stream.finish(.length, gonka: nil)] {
            #expect(!text(chunk.encoded()).contains("usage"))
        }
    }

    @Test func chunksComeBack() throws {
        let silent = ChatCompletionStream(id: "i", created: 0, model: "m", includesUsage: false)
        for stream in [Self.stream, silent] {
            let chunks = [
                stream.opening(choice: 3), stream.content("é\n\u{2028}", choice: 3),
                stream.finish(.length, choice: 3, gonka: Self.receipt), stream.finish(.stop, gonka: nil),
                stream.usage(Self.usage),
            ].compactMap { $0 }
            for chunk in chunks {
                #expect(try ChatCompletionEvent.parse(SSEEvent(data: chunk.encoded())) == .chunk(chunk))
            }
        }
    }

    @Test func errorsInMidStream() throws {
        let event = try ChatCompletionEvent.parse(SSEEvent(data: OpenAIError.engineFailed.encoded()))
        #expect(event == .failed(.engineFailed))
        #expect(throws: AnswerError.invalidField("error")) {
            try ChatCompletionEvent.parse(SSEEvent(data: Bytes(#"{"error":"boom"}"#.utf8)))
        }
    }

    @Test func doneIsDone() throws {
        #expect(try ChatCompletionEvent.parse(SSEEvent(data: Bytes("[DONE]".utf8))) == .done)
        #expect(throws: AnswerError.self) { try ChatCompletionEvent.parse(SSEEvent(data: Bytes("[DONE] ".utf8))) }
    }

    @Test(arguments: [
        ("[]", "object"), ("{}", "object"), (#"{"object":"chat.completion"}"#, "object"),
        (#"{"object":"chat.completion.chunk"}"#, "id"), (#"{"object":"chat.completion.chunk","id":"i"}"#, "created"),
        (#"{"object":"chat.completion.chunk","id":"i","created":-1}"#, "created"),
        (#"{"object":"chat.completion.chunk","id":"i","created":1}"#, "model"),
        (#"{"object":"chat.completion.chunk","id":"i","created":1,"model":"m","choices":{}}"#, "choices"),
    ]) func chunksThatAreNone(_ data: String, _ field: String) {
        #expect(throws: AnswerError.invalidField(field)) {
            try ChatCompletionEvent.parse(SSEEvent(data: Bytes(data.utf8)))
        }
    }

    @Test(arguments: [
        (#"{}"#, "choices[].index"), (#"{"index":4294967296}"#, "choices[].index"),
        (#"{"index":0}"#, "choices[].delta"),
        (#"{"index":0,"delta":{"content":5}}"#, "choices[].delta.content"),
        (#"{"index":0,"delta":{"role":"robot"}}"#, "choices[].delta.role"),
        (#"{"index":0,"delta":{},"finish_reason":"bored"}"#, "choices[].finish_reason"),
        (#"{"index":0,"delta":{},"finish_reason":5}"#, "choices[].finish_reason"),
    ]) func choicesThatAreNone(_ choice: String, _ field: String) {
        let data = #"{"object":"chat.completion.chunk","id":"i","created":1,"model":"m","choices":[\#(choice)]}"#
        #expect(throws: AnswerError.invalidField(field)) {
            try ChatCompletionEvent.parse(SSEEvent(data: Bytes(data.utf8)))
        }
    }

    @Test func unknownFieldsOfAHostAreIgnored() throws {
        let data =
            #"{"x":1,"object":"chat.completion.chunk","id":"i","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"a","y":2},"z":3}],"system_fingerprint":null}"#
        let expected = ChatCompletionChunk(
            id: "i", created: 1, model: "m", choices: [ChatCompletionChunk.Choice(index: 0, content: "a")],
            usage: .absent, gonka: nil)
        #expect(try ChatCompletionEvent.parse(SSEEvent(data: Bytes(data.utf8))) == .chunk(expected))
    }

    @Test func totalsDoNotOverflow() throws {
        let answer = ChatCompletionResponse(
            id: "i", created: 0, model: "m", choices: [],
            usage: ChatCompletionUsage(promptTokens: .max, cachedTokens: 0, completionTokens: 1), gonka: nil)
        let value = try JSONParser.parse(answer.encoded())
        #expect(value["usage"]?["total_tokens"]?.number?.uint64 == .max)
    }

    @Test func models() {
        let model = ModelDescription(
            id: "smollm2-135m-instruct-f16", created: 1, ownedBy: "gonka", name: "SmolLM2 135M Instruct",
            contextTokens: 8192, outputTokensMax: 8191)
        let one =
            #"{"id":"smollm2-135m-instruct-f16","object":"model","created":1,"owned_by":"gonka","name":"SmolLM2 135M Instruct","context_length":8192,"max_output_length":8191,"input_modalities":["text"],"output_modalities":["text"]}"#
        #expect(text(model.json.encoded()) == one)
        #expect(
            text(ModelDescription.list([model]).encoded())
                == #"{"object":"list","data":[\#(one)],"models":[\#(one)]}"#)
        #expect(text(ModelDescription.list([]).encoded()) == #"{"object":"list","data":[],"models":[]}"#)
    }
}
