import AsyncHTTPClient
import NIOCore

/// The body of a host's answer, read piece by piece, by one reader at a time. When it goes before the end was read, the
/// request at the host is cancelled.
final class AnswerReader: Sendable {
    private let pipe = AnswerPipe()
    /// One task for all of the answer, so that its reading can be cancelled from outside the reader's.
    private let pump: Task<Void, Never>

    init(_ body: HTTPClientResponse.Body) { pump = Task { [pipe] in await Self.pump(body, into: pipe) } }

    deinit { cancel() }

    /// What has come, or nil at the end. With a deadline it is the next piece as it arrived, and nothing is read before it was
    /// asked for; once there was none, what comes together is read together, up to `Limits.readAheadBytesMax`.
    ///
    /// - Parameter deadline: when it must have come; nil for as long as the connection lives.
    /// - Throws: `HostFault`, or `CancellationError`.
    func next(by deadline: Deadline? = nil) async throws -> ByteBuffer? {
        guard let deadline else { return try await pipe.take(readsAhead: true) }
        var cancelTimer: (@Sendable () -> Void)?
        defer { cancelTimer?() }
        return try await pipe.take(readsAhead: false) { wait in
            cancelTimer?()
            cancelTimer = deadline.whenPassed { [pipe, pump] in
                if pipe.expire(wait, .timedOut) { pump.cancel() }
            }
        }
    }

    /// Ends the reading, under way or to come, with `CancellationError`.
    func cancel() {
        pipe.cancel()
        pump.cancel()
    }

    private static func pump(_ body: HTTPClientResponse.Body, into pipe: AnswerPipe) async {
        var iterator = body.makeAsyncIterator()
        do {
            while await pipe.mayRead() {
                guard let piece = try await iterator.next() else {
                    try Task.checkCancellation()
                    return pipe.end(.success(()))
                }
                pipe.put(piece)
            }
        } catch let error as HTTPClientError where error == .readTimeout {
            pipe.end(.failure(HostFault.timedOut))
        } catch {
            pipe.end(.failure(Task.isCancelled ? CancellationError() : HostFault.broken("\(error)")))
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
