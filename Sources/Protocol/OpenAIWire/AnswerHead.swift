import Primitives
import WireFormat

/// What a plain answer and a chunk have in common.
struct AnswerHead {
    let id: String
    let created: UInt64
    let model: String
    let systemFingerprint: String?
    let choices: [JSONValue]

    init(_ value: JSONValue, object: String) throws(AnswerError) {
        guard value["object"]?.string == object else { throw .invalidField("object") }
        guard let id = value["id"]?.string else { throw .invalidField("id") }
        guard let created = value["created"]?.number?.uint64 else { throw .invalidField("created") }
        guard let model = value["model"]?.string else { throw .invalidField("model") }
        guard let choices = value["choices"]?.array else { throw .invalidField("choices") }
        (self.id, self.created, self.model, self.choices) = (id, created, model, choices)
        systemFingerprint = value["system_fingerprint"]?.string
    }
}

extension JSONValue {
    /// Reads what a host sent.
    static func answer(_ bytes: Bytes, bytesMax: Int) throws(AnswerError) -> JSONValue {
        var limits = JSONLimits()
        limits.bytesMax = bytesMax
        // Log-probabilities and token ids are short values, and many.
        limits.valuesMax = max(limits.valuesMax, bytesMax / 4)
        do { return try JSONParser.parse(bytes, limits: limits) } catch { throw .malformed(error) }
    }
}

extension JSONWriter {
    /// The members that `AnswerHead` reads, but for the choices.
    mutating func writeHead(
        id: String, object: String, created: UInt64, model: String, systemFingerprint: String?
    ) {
        key("id")
        write(id)
        key("object")
        write(object)
        key("created")
        write(created)
        key("model")
        write(model)
        guard let systemFingerprint else { return }
        key("system_fingerprint")
        write(systemFingerprint)
    }
}
