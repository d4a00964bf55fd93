import Primitives
import WireFormat

/// A refusal or failure as OpenAI's clients read it: `{"error": {"message", "type", "param", "code"}}`, for every status and
/// every path. The message holds nothing of the inside (paths, keys, peers), and of the request at most 64 characters.
public struct OpenAIError: Error, Equatable, Sendable {
    public let code: OpenAIErrorCode
    /// One or two sentences for a person.
    public let message: String
    /// The field at fault, such as `messages[2].content`, or nil.
    public let param: String?
    /// For the header `retry-after`, in seconds; nil where trying again is no use or the time is unknown.
    public let retryAfterSeconds: UInt32?

    public var status: Int { code.status }
    public var type: String { code.type }

    init(_ code: OpenAIErrorCode, _ message: String, param: String? = nil, retryAfterSeconds: UInt32? = nil) {
        self.code = code
        self.message = message
        self.param = param
        self.retryAfterSeconds = retryAfterSeconds
    }

    /// The body of a plain answer and the data of an error event, with all four keys.
    public func encoded() -> Bytes {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("error")
        writer.beginObject()
        writer.key("message")
        writer.write(message)
        writer.key("type")
        writer.write(type)
        writer.key("param")
        if let param { writer.write(param) } else { writer.writeNull() }
        writer.key("code")
        writer.write(code.rawValue)
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }

    /// Reads the error object of another party of this network, or nil where it is not one with a known code. Texts are cut
    /// to a bound.
    public static func parse(_ value: JSONValue) -> OpenAIError? {
        guard let error = value["error"], let code = error["code"]?.string.flatMap(OpenAIErrorCode.init(rawValue:)),
            let message = error["message"]?.string
        else { return nil }
        return OpenAIError(
            code, message.bounded(OpenAILimits.relayedMessageScalarsMax), param: error["param"]?.string?.bounded())
    }
}

extension String {
    /// At most so many Unicode scalars from the start. (Counting characters would not do: one can be megabytes long.)
    func bounded(_ scalarsMax: Int = OpenAILimits.echoedScalarsMax) -> String {
        String(unicodeScalars.prefix(scalarsMax))
    }
}
