import HTTPTypes
import Primitives
import Synchronization

/// What is known of one request while it is answered, by whoever learns it: for the access log, for the headers of its answer
/// and for the trace that goes on to hosts. It decides nothing.
final class RequestScope: Sendable {
    /// That of the task's request; nil outside of one.
    @TaskLocal static var current: RequestScope?

    /// `X-Request-Id`.
    let id: String
    let trace: TraceContext

    struct Notes: Sendable {
        /// The name of the key that asks.
        var caller: String?
        var model: String?
        var host: String?
        var session: UInt64?
        var code: String?
        var promptTokens: UInt64?
        var outputTokens: UInt64?
        var fee: Amount?
        /// For the answer, an error too.
        var headers = HTTPFields()
    }

    private let kept = Mutex(Notes())

    /// - Parameter headers: the request's.
    init(_ headers: HTTPFields) {
        trace = TraceContext(parent: headers[.traceParent], state: headers[.traceState])
        id = headers[.requestID].flatMap { Self.isID($0) ? $0 : nil } ?? "req_\(trace.spanID)"
    }

    var notes: Notes { kept.withLock { $0 } }

    func note(_ change: (inout sending Notes) -> Void) { kept.withLock { change(&$0) } }

    /// A client's own id is taken over where it is one word: letters, digits, `-`, `_`, `.`.
    private static func isID(_ text: String) -> Bool {
        (1...Limits.requestIDBytesMax).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy {
                $0.isASCII
                    && ($0.properties.isAlphabetic || $0.properties.numericType != nil
                        || "-_.".unicodeScalars.contains($0))
            }
    }
}

extension HTTPField.Name {
    static let requestID = named("X-Request-Id")
    static let traceParent = named("Traceparent")
    static let traceState = named("Tracestate")
}
