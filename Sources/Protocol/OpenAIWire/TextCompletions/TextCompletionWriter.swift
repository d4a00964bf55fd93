import Primitives
import WireFormat

/// Writes an answer in the form of `POST /v1/completions` (`text_completion`), out of chat chunks or a chat answer.
public struct TextCompletionWriter: AnswerWriter {
    private static let object = "text_completion"

    /// What each choice's text begins with; empty where the request does not ask for its prompt.
    private let echo: String
    private var begun: Set<UInt32> = []
    /// Where the next token's text begins, per choice, in characters: `text_offset`.
    private var offsets: [UInt32: Int] = [:]

    public init(_ request: ChatCompletionRequest) {
        if request.echoes, case .text(let prompt) = request.prompt { echo = prompt } else { echo = "" }
    }

    public mutating func events(for chunk: ChatCompletionChunk) -> Bytes {
        var choices: [JSONValue] = []
        for choice in chunk.choices {
            let piece = choice.piece
            let isFirst = begun.insert(choice.index).inserted
            let text = (isFirst ? echo : "") + piece.text
            if isFirst { offsets[choice.index] = echo.count }
            // The role has no place here.
            if text.isEmpty && choice.finishReason == nil && (piece.logprobs ?? []).isEmpty { continue }
            choices.append(
                Self.choice(choice.index, text, logprobs(piece.logprobs, choice.index), choice.finishReason))
        }
        if choices.isEmpty && !chunk.choices.isEmpty { return [] }
        var object = JSONObject(Self.head(chunk.id, chunk.created, chunk.model))
        object.append("choices", .array(choices))
        switch chunk.usage {
        case .absent: break
        case .pending: object.append("usage", .null)
        case .counted(let usage): object.append("usage", usage.json)
        }
        if let gonka = chunk.gonka { object.append("gonka", gonka) }
        return SSEEncoder.event(JSONValue.object(object).encoded())
    }

    public mutating func end() -> Bytes { SSEEncoder.done }

    public func failure(_ error: OpenAIError) -> Bytes { SSEEncoder.event(error.encoded()) }

    public mutating func body(of answer: ChatCompletionResponse) -> Bytes {
        var choices: [JSONValue] = []
        for choice in answer.choices {
            offsets[choice.index] = echo.count
            choices.append(
                Self.choice(
                    choice.index, echo + choice.content, logprobs(choice.logprobs, choice.index), choice.finishReason))
        }
        var object = JSONObject(Self.head(answer.id, answer.created, answer.model))
        object.append("choices", .array(choices))
        object.append("usage", answer.usage.json)
        if let gonka = answer.gonka { object.append("gonka", gonka) }
        return JSONValue.object(object).encoded()
    }

    private static func head(_ id: String, _ created: UInt64, _ model: String) -> [JSONObject.Member] {
        [
            .init(key: "id", value: .string(id)), .init(key: "object", value: .string(object)),
            .init(key: "created", value: .number(created)), .init(key: "model", value: .string(model)),
        ]
    }

    private static func choice(
        _ index: UInt32, _ text: String, _ logprobs: JSONValue, _ reason: ChatFinishReason?
    ) -> JSONValue {
        [
            "text": .string(text), "index": .number(UInt64(index)), "logprobs": logprobs,
            "finish_reason": reason.map { .string($0.rawValue) } ?? .null,
        ]
    }

    /// The older form: four lists of one length.
    private mutating func logprobs(_ entries: [JSONValue]?, _ choice: UInt32) -> JSONValue {
        guard let entries else { return .null }
        var (tokens, values, tops, places): ([JSONValue], [JSONValue], [JSONValue], [JSONValue]) = ([], [], [], [])
        for entry in entries {
            let token = entry["token"] ?? ""
            tokens.append(token)
            values.append(entry["logprob"] ?? .null)
            var top = JSONObject()
            for alternative in entry["top_logprobs"]?.array ?? [] {
                guard let name = alternative["token"]?.string, top[name] == nil else { continue }
                top.append(name, alternative["logprob"] ?? .null)
            }
            tops.append(.object(top))
            let offset = offsets[choice, default: 0]
            places.append(.number(UInt64(offset)))
            offsets[choice] = offset + (token.string?.count ?? 0)
        }
        return [
            "tokens": .array(tokens), "token_logprobs": .array(values), "top_logprobs": .array(tops),
            "text_offset": .array(places),
        ]
    }
}
