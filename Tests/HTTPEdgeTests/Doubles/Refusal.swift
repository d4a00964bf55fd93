import OpenAIWire
import Testing

/// Expects that `answer` is the whole of one refusal in OpenAI's shape, and the last answer of its connection.
func expect(_ answer: String, is refusal: OpenAIError, _ comment: Comment) {
    let head = answer.prefix { $0 != "{" }.lowercased()
    #expect(head.hasPrefix("http/1.1 \(refusal.status) "), comment)
    #expect(head.contains("content-type: application/json\r\n"), comment)
    #expect(head.contains("connection: close\r\n"), comment)
    #expect(answer.drop { $0 != "{" } == String(decoding: refusal.encoded(), as: UTF8.self), comment)
}
