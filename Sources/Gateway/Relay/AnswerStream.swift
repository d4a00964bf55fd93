import NIOCore
import OpenAIWire
import Primitives

/// A streamed answer on its way to the client, and the record of its way. Where its host breaks off and any host would write the
/// same, another goes on with it, once.
///
/// Whoever drops it cancels the request at the host.
actor AnswerStream {
    /// Another host's answer to the same request, which has begun, and its attempt's number; nil where there is none.
    typealias Continuation = @Sendable () async throws -> (stream: HostStream, attempt: Int)?

    private var stream: HostStream
    private var attempt: Int
    private let trace: RouteTrace
    /// nil where another host would write something else, and after the first use.
    private var continuation: Continuation?
    private var sent = SentAnswer()
    private var splice: AnswerSplice?
    private var parser = SSEParser()
    private var asking: Task<(stream: HostStream, attempt: Int)?, any Error>?
    private var isAbandoned = false
    private(set) var isBroken = false
    private var hasEnded = false

    /// - Parameters:
    ///   - attempt: whose answer it is.
    ///   - continuation: for an answer that any host would write.
    init(_ stream: HostStream, attempt: Int, trace: RouteTrace, continuation: Continuation? = nil) {
        self.stream = stream
        self.attempt = attempt
        self.trace = trace
        self.continuation = continuation
    }

    /// What goes to the client next, or nil at the end. A fault comes as an error event, the last one.
    ///
    /// - Throws: `CancellationError`.
    func next() async throws -> ByteBuffer? {
        while !hasEnded {
            do {
                guard let piece = try await stream.nextOrFault() else {
                    end("answered")
                    return nil
                }
                if let outgoing = try passed(piece) { return outgoing }
            } catch let fault as HostFault {
                if try await goOn() { continue }
                await stream.settle()
                return told(fault.clientError)
            } catch is AnswerSplice.Mismatch {
                await stream.settle()
                await stream.abandon()
                return told(.engineFailed)
            } catch {
                end("client_left")
                throw error
            }
        }
        return nil
    }

    /// Ends the request without reading on: the client is gone.
    func abandon() async {
        isAbandoned = true
        asking?.cancel()
        end("client_left")
        await stream.abandon()
    }

    /// What of a piece the client gets; nil where it has it all.
    private func passed(_ piece: ByteBuffer) throws -> ByteBuffer? {
        guard splice != nil || continuation != nil else { return piece }
        var outgoing = ByteBuffer()
        // It was written by this gateway, event by event.
        for event in try parser.consume(Bytes(buffer: piece)) {
            guard splice != nil, !event.isDone else {
                if splice == nil { sent.note(event.data) }
                outgoing.writeBytes(SSEEncoder.event(event.data))
                continue
            }
            if let data = try splice?.take(event.data) { outgoing.writeBytes(SSEEncoder.event(data)) }
        }
        return outgoing.readableBytes > 0 ? outgoing : nil
    }

    /// Has another host write the answer.
    ///
    /// - Returns: false where nobody can.
    private func goOn() async throws -> Bool {
        guard let ask = continuation, sent.canContinue, !isAbandoned else { return false }
        continuation = nil
        trace.ended(attempt, "broke_off")
        // A task of its own, so that it ends when the client leaves meanwhile.
        let task = Task { try await ask() }
        asking = task
        defer { asking = nil }
        let continued = try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
        guard let next = continued else { return false }
        guard !isAbandoned else {
            await next.stream.abandon()
            throw CancellationError()
        }
        (stream, attempt, splice, parser) = (next.stream, next.attempt, AnswerSplice(sent), SSEParser())
        return true
    }

    private func told(_ error: OpenAIError) -> ByteBuffer {
        isBroken = true
        end("broke_off")
        return ByteBuffer(bytes: SSEEncoder.event(error.encoded()))
    }

    private func end(_ outcome: String) {
        hasEnded = true
        trace.ended(attempt, outcome)
        trace.end(outcome)
    }
}
