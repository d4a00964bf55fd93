import EngineAPI
import EngineWire
import HTTPEdge
import HTTPTypes
import Hummingbird
import NIOCore
import OpenAIWire
import Primitives
import Synchronization

/// An answer that comes in events while it is made: each as soon as it is there, a comment now and then while none is, and at the
/// end `[DONE]` or the engine's error. When the client leaves, the work is cancelled.
struct EventAnswer: Sendable {
    /// Takes an event's bytes.
    typealias Sink = @Sendable (Bytes) -> Void

    let work: NodeWork
    let kind: MLNodeMetrics.Kind
    let keepAlive: Duration

    /// - Parameter make: makes all events, in order.
    func response(_ context: EdgeContext, _ make: @escaping @Sendable (Sink) async throws -> Void) -> Response {
        let body = ResponseBody { writer in
            // Unbounded, and yet bounded by the sequence: an engine does not wait for slow readers.
            let (pieces, source) = AsyncStream<Bytes>.makeStream()
            let maker = Task { await run(make, into: source) }
            let pulse = Task {
                while true {
                    try await Task.sleep(for: keepAlive)
                    source.yield(SSEEncoder.keepAlive)
                }
            }
            defer {
                maker.cancel()
                pulse.cancel()
            }
            try await context.whenClientLeaves({
                maker.cancel()
                source.finish()
            }) {
                for await piece in pieces { try await writer.write(ByteBuffer(bytes: piece)) }
                try await writer.finish(nil)
            }
        }
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-cache"], body: body)
    }

    private func run(
        _ make: @Sendable (Sink) async throws -> Void, into source: AsyncStream<Bytes>.Continuation
    ) async {
        let piece = work.begin(kind)
        let count = Mutex(0)
        var failure: EngineError?
        do {
            try await make { event in
                let isFirst = count.withLock { count in
                    count += 1
                    return count == 1
                }
                piece.made(isFirst: isFirst)
                source.yield(SSEEncoder.event(event))
            }
            if Task.isCancelled { failure = .cancelled }
        } catch {
            failure = error as? EngineError ?? .failed(reason: "\(error)")
        }
        // Who has the last event knows the place free.
        piece.end(failure)
        source.yield(ending(failure))
        source.finish()
    }

    private func ending(_ failure: EngineError?) -> Bytes {
        guard let failure else { return SSEEncoder.done }
        // What cannot be told ends without `[DONE]`, which is an error, too.
        return (try? EngineWire.encode(EngineErrorBody(failure))).map { SSEEncoder.event($0) } ?? []
    }
}
