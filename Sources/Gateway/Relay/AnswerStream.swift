import NIOCore
import OpenAIWire

/// A streamed answer on its way to the client, and the record of its way.
///
/// Whoever drops it cancels the request at the host.
actor AnswerStream {
    private let stream: HostStream
    private let attempt: Int
    private let trace: RouteTrace

    /// - Parameter attempt: whose answer it is.
    init(_ stream: HostStream, attempt: Int, trace: RouteTrace) {
        self.stream = stream
        self.attempt = attempt
        self.trace = trace
    }

    /// Whether a fault ended it after it had begun.
    var isBroken: Bool { get async { await stream.isBroken } }

    /// What goes to the client next, or nil at the end. A fault comes as an error event, the last one.
    ///
    /// - Throws: `CancellationError`.
    func next() async throws -> ByteBuffer? {
        let piece: ByteBuffer?
        do { piece = try await stream.next() } catch {
            end("client_left")
            throw error
        }
        if await stream.isBroken { end("broke_off") } else if piece == nil { end("answered") }
        return piece
    }

    /// Ends the request without reading on: the client is gone.
    func abandon() async {
        end("client_left")
        await stream.abandon()
    }

    private func end(_ outcome: String) {
        trace.ended(attempt, outcome)
        trace.end(outcome)
    }
}
