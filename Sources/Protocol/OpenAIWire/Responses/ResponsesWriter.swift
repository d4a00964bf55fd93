import Primitives
import WireFormat

/// Writes an answer in the form of the Responses API.
///
/// Streamed: events with a name each, numbered, from `response.created` to `response.completed`, `response.incomplete` or
/// `response.failed`; there is no `[DONE]`.
public struct ResponsesWriter: AnswerWriter {
    private let request: ResponsesRequest
    private var number: UInt64 = 0
    private var output: [ResponsesItem] = []
    private var head: (id: String, created: UInt64)?
    private var usage: ChatCompletionUsage?
    private var reason: ChatFinishReason?
    private var gonka: JSONValue?

    public init(_ request: ResponsesRequest) { self.request = request }

    public mutating func events(for chunk: ChatCompletionChunk) -> Bytes {
        var bytes = Bytes()
        if head == nil {
            head = (chunk.id, chunk.created)
            bytes += event("response.created", [("response", response("in_progress"))])
            bytes += event("response.in_progress", [("response", response("in_progress"))])
        }
        // One choice is all that the Responses API knows.
        for choice in chunk.choices {
            bytes += take(choice.piece)
            if let finish = choice.finishReason {
                reason = finish
                gonka = chunk.gonka
                bytes += closeLast()
            }
        }
        if case .counted(let counted) = chunk.usage { usage = counted }
        return bytes
    }

    public mutating func end() -> Bytes {
        let name = reason == .length ? "response.incomplete" : "response.completed"
        return event(name, [("response", response(status))])
    }

    public mutating func failure(_ error: OpenAIError) -> Bytes {
        let bytes = event(
            "error",
            [
                ("code", .string(error.code.rawValue)), ("message", .string(error.message)),
                ("param", error.param.map { .string($0) } ?? .null),
            ])
        // OpenAI's closed list of codes has one for a server's own trouble.
        let failed = response("failed", error: ["code": "server_error", "message": .string(error.message)])
        return bytes + event("response.failed", [("response", failed)])
    }

    public mutating func body(of answer: ChatCompletionResponse) -> Bytes {
        head = (answer.id, answer.created)
        usage = answer.usage
        gonka = answer.gonka
        if let choice = answer.choices.first {
            reason = choice.finishReason
            if !choice.content.isEmpty || choice.toolCalls.isEmpty {
                var message = ResponsesItem(.message, id: itemID("msg"))
                message.text = choice.content
                message.logprobs = choice.logprobs ?? []
                output.append(message)
            }
            for call in choice.toolCalls {
                var item = ResponsesItem(.call(id: call.id, name: call.name), id: itemID("fc"))
                item.text = call.arguments
                output.append(item)
            }
        }
        return response(status).encoded()
    }

    // MARK: Items

    private mutating func take(_ piece: AnswerPiece) -> Bytes {
        var bytes = Bytes()
        // A token that ends inside a character has a log-probability and no text.
        let hasLogprobs = piece.calls.isEmpty && !(piece.logprobs ?? []).isEmpty
        if !piece.text.isEmpty || hasLogprobs {
            bytes += openMessage()
            bytes += add(piece.text, piece.logprobs ?? [])
        }
        for call in piece.calls {
            if let opening = call.opening {
                bytes += closeLast()
                bytes += open(ResponsesItem(.call(id: opening.id, name: opening.name), id: itemID("fc")))
            }
            if !call.arguments.isEmpty { bytes += add(call.arguments, []) }
        }
        return bytes
    }

    private mutating func openMessage() -> Bytes {
        if let last = output.last, last.isOpen, case .message = last.kind { return [] }
        return closeLast() + open(ResponsesItem(.message, id: itemID("msg")))
    }

    private mutating func open(_ item: ResponsesItem) -> Bytes {
        var item = item
        item.isOpen = true
        output.append(item)
        var bytes = event("response.output_item.added", [("output_index", place), ("item", item.json("in_progress"))])
        guard case .message = item.kind else { return bytes }
        bytes += event("response.content_part.added", item.place(place, [("part", item.part)]))
        return bytes
    }

    private mutating func add(_ text: String, _ logprobs: [JSONValue]) -> Bytes {
        guard let last = output.indices.last else { return [] }
        output[last].text += text
        output[last].logprobs += logprobs
        let item = output[last]
        guard case .message = item.kind else {
            return event(
                "response.function_call_arguments.delta", item.place(place, [("delta", .string(text))]))
        }
        return event(
            "response.output_text.delta",
            item.place(place, [("delta", .string(text)), ("logprobs", .array(logprobs))]))
    }

    private mutating func closeLast() -> Bytes {
        guard let last = output.indices.last, output[last].isOpen else { return [] }
        output[last].isOpen = false
        let item = output[last]
        var bytes = Bytes()
        switch item.kind {
        case .message:
            bytes += event(
                "response.output_text.done",
                item.place(place, [("text", .string(item.text)), ("logprobs", .array(item.logprobs))]))
            bytes += event("response.content_part.done", item.place(place, [("part", item.part)]))
        case .call(_, let name):
            bytes += event(
                "response.function_call_arguments.done",
                item.place(place, [("name", .string(name)), ("arguments", .string(item.text))]))
        }
        return bytes
            + event("response.output_item.done", [("output_index", place), ("item", item.json(itemStatus))])
    }

    /// Of the item that was begun last.
    private var place: JSONValue { .number(UInt64(max(1, output.count) - 1)) }

    private func itemID(_ prefix: String) -> String { "\(prefix)_\(Self.suffix(head?.id ?? ""))\(output.count)" }

    // MARK: The whole

    private var status: String { reason == .length ? "incomplete" : "completed" }
    private var itemStatus: String { reason == .length ? "incomplete" : "completed" }

    private func response(_ status: String, error: JSONValue = .null) -> JSONValue {
        var object = JSONObject([
            .init(key: "id", value: .string("resp_\(Self.suffix(head?.id ?? ""))")),
            .init(key: "object", value: "response"), .init(key: "created_at", value: .number(head?.created ?? 0)),
            .init(key: "status", value: .string(status)), .init(key: "background", value: false),
            .init(key: "error", value: error),
            .init(
                key: "incomplete_details",
                value: status == "incomplete" ? ["reason": "max_output_tokens"] : .null),
            .init(key: "model", value: .string(request.model)),
        ])
        let isRunning = status == "in_progress"
        object.append("output", .array(isRunning ? [] : output.map { $0.json(itemStatus) }))
        for member in request.echo.members { object.append(member.key, member.value) }
        object.append("usage", isRunning ? .null : usage.map(Self.counts) ?? .null)
        if let gonka, !isRunning { object.append("gonka", gonka) }
        return .object(object)
    }

    private static func counts(_ usage: ChatCompletionUsage) -> JSONValue {
        [
            "input_tokens": .number(usage.promptTokens),
            "input_tokens_details": ["cached_tokens": .number(usage.cachedTokens), "cache_write_tokens": 0],
            "output_tokens": .number(usage.completionTokens), "output_tokens_details": ["reasoning_tokens": 0],
            "total_tokens": .number(usage.total),
        ]
    }

    /// What a completion's id is made of.
    private static func suffix(_ id: String) -> String { String(id.drop { $0 != "-" }.dropFirst()) }

    private mutating func event(_ name: String, _ members: [(String, JSONValue)]) -> Bytes {
        var object = JSONObject([.init(key: "type", value: .string(name))])
        for (key, value) in members { object.append(key, value) }
        object.append("sequence_number", .number(number))
        number += 1
        return Bytes("event: \(name)\n".utf8) + SSEEncoder.event(JSONValue.object(object).encoded())
    }
}
