import OpenAIWire
import Primitives
import ProtocolRules
import Testing
import WireFormat

/// A chat completion written in other forms.
@Suite struct AnswerWriterTests {
    private static let stream = ChatCompletionStream(id: "chatcmpl-1", created: 5, model: "m", includesUsage: true)
    private static let usage = ChatCompletionUsage(promptTokens: 3, cachedTokens: 1, completionTokens: 2)

    private static func chunks(_ pieces: [AnswerPiece], _ reason: ChatFinishReason) -> [ChatCompletionEvent] {
        let body =
            [stream.opening()] + pieces.map { stream.piece($0) } + [stream.finish(reason, gonka: ["receipt": "A"])]
        return (body + [stream.usage(usage)].compactMap { $0 }).map { .chunk($0) } + [.done]
    }

    /// The JSON of each event, and its name where it has one.
    private static func events(_ bytes: Bytes) throws -> [(name: String?, data: JSONValue?)] {
        try String(decoding: bytes, as: UTF8.self).split(separator: "\n\n").map { event in
            let lines = event.split(separator: "\n")
            let name = lines.first { $0.hasPrefix("event: ") }.map { String($0.dropFirst(7)) }
            let data = try #require(lines.first { $0.hasPrefix("data: ") }).dropFirst(6)
            return (name, data == "[DONE]" ? nil : try JSONParser.parse(Bytes(data.utf8)))
        }
    }

    @Test func aTextCompletionStreams() throws {
        let request = try ChatCompletionRequest.parse(
            Bytes(#"{"model":"m","prompt":"Once","echo":true,"logprobs":1,"stream":true}"#.utf8))
        var writer = TextCompletionWriter(request)
        let entry = TokenLogprob(bytes: [97], millionths: -1_500_000, top: [.init(bytes: [98], millionths: -2)]).json
        var bytes = Bytes()
        for event in Self.chunks([AnswerPiece(text: "a", logprobs: [entry]), AnswerPiece(text: "b")], .length) {
            bytes += writer.events(for: event)
        }
        let events = try Self.events(bytes)
        let texts = events.compactMap { $0.data?["choices"]?.array?.first?["text"]?.string }
        #expect(texts.joined() == "Onceab")
        #expect(events.allSatisfy { $0.data == nil || $0.data?["object"]?.string == "text_completion" })
        #expect(events.last?.data == nil)
        let logprobs = try #require(
            events.compactMap { $0.data?["choices"]?.array?.first?["logprobs"] }.first { !$0.isNull })
        #expect(logprobs["token_logprobs"]?.array == [.number(JSONNumber(millionths: -1_500_000))])
        #expect(logprobs["text_offset"]?.array == [4])
        #expect(logprobs["top_logprobs"]?.array?.first?["b"]?.number?.millionths == -2)
        let reasons = events.compactMap { $0.data?["choices"]?.array?.first?["finish_reason"]?.string }
        #expect(reasons == ["length"])
        #expect(events.dropLast().last?.data?["usage"]?["total_tokens"]?.number?.uint64 == 5)
    }

    @Test func aTextCompletionInOnePiece() throws {
        let request = try ChatCompletionRequest.parse(Bytes(#"{"model":"m","prompt":"Once","n":2}"#.utf8))
        var writer = TextCompletionWriter(request)
        let answer = ChatCompletionResponse(
            id: "i", created: 1, model: "m",
            choices: [
                .init(index: 0, content: "a", finishReason: .stop),
                .init(index: 1, content: "b", finishReason: .length),
            ],
            usage: Self.usage, gonka: nil)
        let value = try JSONParser.parse(writer.body(of: answer))
        #expect(value["choices"]?.array?.map { $0["text"]?.string } == ["a", "b"])
        #expect(value["choices"]?.array?.map { $0["finish_reason"]?.string } == ["stop", "length"])
    }

    private static func responses(_ members: String) throws -> ResponsesRequest {
        try ResponsesRequest.decode(Bytes(#"{"model":"m",\#(members)}"#.utf8)).validated()
    }

    @Test func aResponseStreamsItsItemsInOrder() throws {
        var writer = ResponsesWriter(try Self.responses(#""input":"Hi","stream":true"#))
        let pieces = [
            AnswerPiece(text: "a"), AnswerPiece(text: "b"),
            AnswerPiece(calls: [ToolCallDelta(index: 0, opening: .init(id: "call_1", name: "f"))]),
            AnswerPiece(calls: [ToolCallDelta(index: 0, arguments: "{}")]),
        ]
        var bytes = Bytes()
        for event in Self.chunks(pieces, .toolCalls) { bytes += writer.events(for: event) }
        let events = try Self.events(bytes)
        #expect(
            events.map(\.name) == [
                "response.created", "response.in_progress", "response.output_item.added", "response.content_part.added",
                "response.output_text.delta", "response.output_text.delta", "response.output_text.done",
                "response.content_part.done", "response.output_item.done", "response.output_item.added",
                "response.function_call_arguments.delta", "response.function_call_arguments.done",
                "response.output_item.done", "response.completed",
            ])
        #expect(events.map { $0.data?["sequence_number"]?.number?.uint64 } == events.indices.map { UInt64($0) })
        #expect(events.allSatisfy { $0.name == $0.data?["type"]?.string })
        let last = try #require(events.last?.data?["response"])
        #expect(last["status"] == "completed")
        #expect(last["output"]?.array?.map { $0["type"]?.string } == ["message", "function_call"])
        #expect(last["output"]?.array?.first?["content"]?.array?.first?["text"] == "ab")
        #expect(last["usage"]?["input_tokens_details"]?["cached_tokens"]?.number?.uint64 == 1)
    }

    @Test func aResponseThatIsCutSaysSo() throws {
        var writer = ResponsesWriter(try Self.responses(#""input":"Hi""#))
        let answer = ChatCompletionResponse(
            id: "chatcmpl-7", created: 1, model: "m", choices: [.init(index: 0, content: "a", finishReason: .length)],
            usage: Self.usage, gonka: nil)
        let value = try JSONParser.parse(writer.body(of: answer))
        #expect(value["status"] == "incomplete")
        #expect(value["incomplete_details"]?["reason"] == "max_output_tokens")
        #expect(value["id"] == "resp_7")
    }

    @Test func aResponseThatBreaksOffFails() throws {
        var writer = ResponsesWriter(try Self.responses(#""input":"Hi","stream":true"#))
        _ = writer.events(for: Self.stream.opening())
        let events = try Self.events(writer.failure(.engineFailed))
        #expect(events.map(\.name) == ["error", "response.failed"])
        #expect(events.last?.data?["response"]?["error"]?["code"] == "server_error")
    }

    /// The chat completion asks for the same, and passes its own checks.
    @Test func aResponsesRequestIsAChatCompletion() throws {
        let request = try Self.responses(
            """
            "instructions":"Be brief","input":[{"role":"user","content":[{"type":"input_text","text":"1+2?"}]},
            {"type":"function_call","call_id":"c1","name":"add","arguments":"{}"},
            {"type":"function_call_output","call_id":"c1","output":"3"}],"max_output_tokens":9,"temperature":0,
            "tools":[{"type":"function","name":"add","parameters":{"type":"object","properties":{}},"strict":true}],
            "tool_choice":{"type":"function","name":"add"},"include":["message.output_text.logprobs"],"top_logprobs":3
            """)
        let chat = try ChatCompletionRequest.parse(request.chatBody)
        guard case .conversation(let turns) = chat.prompt else {
            Issue.record("it is a conversation")
            return
        }
        #expect(turns.map(\.role) == [.system, .user, .assistant, .user])
        #expect(chat.form.toolChoice == .named("add"))
        #expect(chat.maxTokens == 9 && chat.topLogprobs == 3 && chat.sampling.temperature == 0)
        let format = try Self.responses(
            #""input":"Hi","text":{"format":{"type":"json_schema","name":"n","schema":{"type":"null"}}}"#)
        #expect(try ChatCompletionRequest.parse(format.chatBody).form.format == .jsonSchema(["type": "null"]))
    }

    @Test(
        arguments: [
            (#""input":5"#, .invalidType, "input"), (#""x":1,"input":"a""#, .unknownParameter, "x"),
            (#""instructions":"a""#, .missingParameter, "input"),
            (#""input":"a","previous_response_id":"resp_1""#, .unsupportedParameter, "previous_response_id"),
            (#""input":"a","background":true"#, .unsupportedParameter, "background"),
            (#""input":[{"type":"item_reference","id":"i"}]"#, .unsupportedValue, "input[0].type"),
            (
                #""input":[{"role":"user","content":[{"type":"input_image"}]}]"#, .unsupportedValue,
                "input[0].content[0].type"
            ),
            (#""input":"a","tools":[{"type":"web_search"}]"#, .unsupportedValue, "tools[0].type"),
            (#""input":"a","include":["file_search_call.results"]"#, .unsupportedValue, "include[0]"),
        ] as [(String, OpenAIErrorCode, String)])
    func responsesRefusedByName(_ members: String, _ code: OpenAIErrorCode, _ param: String) {
        do throws(OpenAIError) {
            _ = try ResponsesRequest.decode(Bytes(#"{"model":"m",\#(members)}"#.utf8)).validated()
            Issue.record("it was accepted")
        } catch {
            #expect(error.code == code)
            #expect(error.param == param)
        }
    }

    @Test func embeddings() throws {
        let body = Bytes(#"{"model":"m","input":["a","b"],"encoding_format":"float"}"#.utf8)
        let request = try EmbeddingsRequest.decode(body).validated()
        #expect(request.inputs == ["a", "b"])
        #expect(try ChatCompletionRequest.parse(request.body("a")).prompt == .embedding("a"))
        // 1.0 and −0.5, little-endian.
        let vector = Base64.encode([0, 0, 0x80, 0x3f, 0, 0, 0, 0xbf])
        let value = try JSONParser.parse(try request.answer([vector, vector], promptTokens: 4, gonka: []))
        #expect(value["data"]?.array?.last?["index"]?.number?.uint64 == 1)
        #expect(
            value["data"]?.array?.first?["embedding"]?.array?.map { $0.number?.millionths } == [1_000_000, -500_000])
        #expect(value["usage"]?["total_tokens"]?.number?.uint64 == 4)
        for (text, param) in [
            (#"{"model":"m","input":[1,2]}"#, "input"), (#"{"model":"m","input":[]}"#, "input"),
            (#"{"model":"m","input":[""]}"#, "input[0]"),
            (#"{"model":"m","input":"a","encoding_format":"x"}"#, "encoding_format"),
            (#"{"model":"m","input":"a","x":1}"#, "x"),
        ] {
            #expect(throws: OpenAIError.self) { try EmbeddingsRequest.decode(Bytes(text.utf8)).validated() }
            do { _ = try EmbeddingsRequest.decode(Bytes(text.utf8)).validated() } catch {
                #expect(error.param == param)
            }
        }
        let cut = try EmbeddingsRequest.decode(Bytes(#"{"model":"m","input":"a","dimensions":3}"#.utf8)).validated()
        #expect(throws: OpenAIError.self) { try cut.answer([vector], promptTokens: 1, gonka: []) }
    }
}
