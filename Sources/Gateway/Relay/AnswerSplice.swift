import OpenAIWire
import Primitives
import WireFormat

/// What of a streamed answer of one choice has gone to the client, as far as another host's must agree with it to be put in its
/// place: ids and text.
struct SentAnswer: Sendable {
    private(set) var id: JSONValue?
    private(set) var created: JSONValue?
    /// UTF-8 of all its text.
    private(set) var text: Bytes = []
    /// Whether it can be gone on with: it is text alone, within bounds, and has not ended.
    private(set) var canContinue = true

    /// Notes an event that goes out.
    mutating func note(_ data: Bytes) {
        guard canContinue, let value = try? JSONParser.parse(data) else { return }
        (id, created) = (id ?? value["id"], created ?? value["created"])
        for choice in value["choices"]?.array ?? [] {
            guard choice["finish_reason"]?.isNull ?? true, let delta = choice["delta"]?.object, delta.isTextAlone,
                choice["logprobs"]?.isNull ?? true
            else {
                canContinue = false
                return
            }
            text += Bytes((delta["content"]?.string ?? "").utf8)
        }
        canContinue = text.count <= Limits.continuedBytesMax
    }
}

/// Puts another host's answer in the place of one that broke off: what the client has is left out, where it is the same to the
/// byte, and what follows goes out under the first answer's id.
struct AnswerSplice: Sendable {
    /// The other host wrote something else.
    struct Mismatch: Error {}

    private let sent: SentAnswer
    /// How much of the text was found again.
    private var matched = 0

    init(_ sent: SentAnswer) { self.sent = sent }

    /// - Returns: what goes out for this event; nil where the client has it already.
    mutating func take(_ data: Bytes) throws(Mismatch) -> Bytes? {
        guard let object = (try? JSONParser.parse(data))?.object else { throw Mismatch() }
        guard object["error"] == nil else { throw Mismatch() }
        guard matched < sent.text.count || isOpening(object) else { return renamed(object).encoded() }
        guard let choices = object["choices"]?.array, choices.count == 1, let delta = choices[0]["delta"]?.object,
            choices[0]["finish_reason"]?.isNull ?? true, delta.isTextAlone
        else { throw Mismatch() }
        let piece = Bytes((delta["content"]?.string ?? "").utf8)
        let common = min(piece.count, sent.text.count - matched)
        guard piece.prefix(common) == sent.text[matched..<(matched + common)] else { throw Mismatch() }
        matched += common
        guard common < piece.count else { return nil }
        let rest = String(decoding: piece[common...], as: UTF8.self)
        let choice = choices[0].object?.setting("delta", .object(delta.setting("content", .string(rest))))
        return renamed(object.setting("choices", .array(choice.map { [.object($0)] } ?? choices))).encoded()
    }

    /// A chunk that only says who speaks: the client has had one.
    private func isOpening(_ object: JSONObject) -> Bool {
        guard let choice = object["choices"]?.array?.first, choice["finish_reason"]?.isNull ?? true,
            let delta = choice["delta"]?.object
        else { return false }
        return delta["role"] != nil && (delta["content"]?.string ?? "").isEmpty && delta.isTextAlone
    }

    private func renamed(_ object: JSONObject) -> JSONValue {
        var object = object
        if let id = sent.id { object = object.setting("id", id) }
        if let created = sent.created { object = object.setting("created", created) }
        return .object(object)
    }
}

extension JSONObject {
    /// The same, with another value under a key that it has; as it is where it has none.
    fileprivate func setting(_ key: String, _ value: JSONValue) -> JSONObject {
        JSONObject(members.map { $0.key == key ? Member(key: key, value: value) : $0 })
    }

    /// Whether a delta holds nothing but a role and text.
    fileprivate var isTextAlone: Bool {
        members.allSatisfy { $0.key == "role" || $0.key == "content" || $0.value.isNull }
    }
}
