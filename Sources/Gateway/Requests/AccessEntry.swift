import Primitives
import WireFormat

/// One line of the access log, as JSON: who asked for what and what came of it. Never a prompt or an answer, never a key or a
/// signature, and of a path nothing behind a question mark.
struct AccessEntry: Sendable {
    /// Since 1970-01-01 UTC.
    let seconds: UInt64
    let id: String
    let traceID: String
    let method: String
    let path: String
    let status: Int

    /// - Parameters:
    ///   - head: until the answer's head was ready.
    ///   - whole: until its last byte was sent, or the client was gone.
    func line(_ notes: RequestScope.Notes, head: Duration, whole: Duration) -> Bytes {
        var object = JSONObject()
        object.append("time", .string(UTCDate.timestamp(seconds: seconds)))
        object.append("id", .string(id))
        object.append("trace", .string(traceID))
        object.append("method", .string(method))
        object.append("path", .string(String(path.unicodeScalars.prefix(Limits.loggedPathScalarsMax))))
        object.append("status", .number(Int64(status)))
        let texts = [("key", notes.caller), ("model", notes.model), ("host", notes.host), ("code", notes.code)]
        for case (let name, let text?) in texts { object.append(name, .string(text)) }
        let numbers = [
            ("session", notes.session), ("prompt_tokens", notes.promptTokens), ("output_tokens", notes.outputTokens),
            ("fee_ngonka", notes.fee?.ngonka),
        ]
        for case (let name, let number?) in numbers { object.append(name, .number(number)) }
        object.append("head_milliseconds", .number(Self.milliseconds(head)))
        object.append("milliseconds", .number(Self.milliseconds(whole)))
        return JSONValue.object(object).encoded() + [UInt8(ascii: "\n")]
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return seconds &* 1_000 &+ attoseconds / 1_000_000_000_000_000
    }
}
