import HTTPTypes
import Hummingbird
import NIOCore
import OpenAIWire
import Primitives

extension Response {
    /// A JSON answer.
    public static func json(_ bytes: Bytes, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// An error in OpenAI's shape.
    public static func error(_ error: OpenAIError) -> Response {
        var response = json(error.encoded(), status: HTTPResponse.Status(code: error.status))
        if let seconds = error.retryAfterSeconds { response.headers[.retryAfter] = "\(seconds)" }
        return response
    }

    /// Plain text, for people and probes.
    public static func text(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
