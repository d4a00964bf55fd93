import Primitives
import WireFormat

/// An output token with its log-probability, as `logprobs.content` lists it.
public struct TokenLogprob: Equatable, Sendable {
    /// The token's own bytes, which may be a part of a character.
    public let bytes: Bytes
    /// In millionths of a nat, at most 0; what the model excludes counts as `excluded`.
    public let millionths: Int64
    /// The most probable tokens at this place, most probable first.
    public let top: [Alternative]

    public struct Alternative: Equatable, Sendable {
        public let bytes: Bytes
        public let millionths: Int64

        public init(bytes: Bytes, millionths: Int64) {
            self.bytes = bytes
            self.millionths = millionths
        }
    }

    /// What OpenAI writes for a probability of 0: −9999 nats.
    public static let excluded: Int64 = -9_999_000_000

    public init(bytes: Bytes, millionths: Int64, top: [Alternative]) {
        self.bytes = bytes
        self.millionths = millionths
        self.top = top
    }

    /// An element of `logprobs.content`.
    public var json: JSONValue {
        var object = Self.object(bytes, millionths)
        object.append("top_logprobs", .array(top.map { .object(Self.object($0.bytes, $0.millionths)) }))
        return .object(object)
    }

    private static func object(_ bytes: Bytes, _ millionths: Int64) -> JSONObject {
        JSONObject([
            JSONObject.Member(key: "token", value: .string(String(decoding: bytes, as: UTF8.self))),
            JSONObject.Member(key: "logprob", value: .number(JSONNumber(millionths: millionths))),
            JSONObject.Member(key: "bytes", value: .array(bytes.map { .number(UInt64($0)) })),
        ])
    }
}

extension JSONWriter {
    /// The member `logprobs` of a choice.
    mutating func writeLogprobs(_ content: [JSONValue]?) {
        key("logprobs")
        guard let content else { return writeNull() }
        beginObject()
        key("content")
        write(.array(content))
        key("refusal")
        writeNull()
        endObject()
    }
}

extension JSONValue {
    /// The elements of a choice's `logprobs.content`; nil where there are none.
    func logprobs() throws(AnswerError) -> [JSONValue]? {
        guard let value = self["logprobs"], !value.isNull else { return nil }
        guard let content = value["content"], !content.isNull else { return nil }
        guard let elements = content.array else { throw .invalidField("choices[].logprobs.content") }
        return elements
    }
}
