import AsyncHTTPClient
import NIOCore

/// The body of a host's answer, read piece by piece, by one reader at a time. When it goes before the end was read, the
/// request at the host is cancelled.
actor AnswerReader {
    private var iterator: HTTPClientResponse.Body.AsyncIterator
    private var reading: Task<ByteBuffer?, any Error>?
    private var isCancelled = false

    init(_ body: HTTPClientResponse.Body) { iterator = body.makeAsyncIterator() }

    /// The next piece as it arrived, or nil at the end.
    ///
    /// - Parameter deadline: when it must have come; nil for as long as the connection lives.
    /// - Throws: `HostFault`, or `CancellationError`.
    func next(by deadline: Deadline? = nil) async throws -> ByteBuffer? {
        guard !isCancelled else { throw CancellationError() }
        // A task of its own, so that it can be cancelled from outside the reader's.
        let task = Task { try await self.read() }
        reading = task
        let timer = deadline.map { deadline in
            Task {
                try await deadline.wait()
                task.cancel()
            }
        }
        defer {
            timer?.cancel()
            reading = nil
        }
        do {
            return try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                task.cancel()
            }
        } catch let error as CancellationError {
            guard !isCancelled, !Task.isCancelled, deadline?.hasPassed == true else { throw error }
            throw HostFault.timedOut
        }
    }

    /// Ends the reading, under way or to come, with `CancellationError`.
    func cancel() {
        isCancelled = true
        reading?.cancel()
    }

    private func read() async throws -> ByteBuffer? {
        // A mutating call that suspends cannot be made on an actor's own storage.
        var iterator = iterator
        defer { self.iterator = iterator }
        do {
            let piece = try await iterator.next(isolation: self)
            if piece == nil { try Task.checkCancellation() }
            return piece
        } catch let error as HTTPClientError where error == .readTimeout {
            throw HostFault.timedOut
        } catch {
            try Task.checkCancellation()
            throw HostFault.broken("\(error)")
        }
    }

    /// All of the body.
    ///
    /// - Parameter deadline: when the last piece must have come; nil for as long as pieces come.
    /// - Throws: `HostFault` also where it is longer than `bytesMax`.
    func rest(bytesMax: Int, by deadline: Deadline? = nil) async throws -> ByteBuffer {
        var all = ByteBuffer()
        while var piece = try await next(by: deadline) {
            guard all.readableBytes + piece.readableBytes <= bytesMax else {
                throw HostFault.broken("an answer of more than \(bytesMax) bytes")
            }
            all.writeBuffer(&piece)
        }
        return all
    }
}
