import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Primitives
import Synchronization

@testable import Gateway

/// A host's stream that sends one piece over and over, as fast as it is read, and counts what was.
final class EndlessSource: Sendable {
    private let piece: Bytes
    private let bytesMax: Int
    private let count = Mutex(0)

    /// - Parameter bytesMax: where it ends after all, so that a test of a reader without bounds fails instead of going on.
    init(_ piece: Bytes, bytesMax: Int) {
        self.piece = piece
        self.bytesMax = bytesMax
    }

    var bytesRead: Int { count.withLock { $0 } }

    var response: HTTPClientResponse {
        HTTPClientResponse(status: .ok, headers: ["content-type": "text/event-stream"], body: .stream(Pieces(self)))
    }

    private func next() -> ByteBuffer? {
        let isOver = count.withLock { count in
            count += piece.count
            return count > bytesMax
        }
        return isOver ? nil : ByteBuffer(bytes: piece)
    }

    private struct Pieces: AsyncSequence, AsyncIteratorProtocol, Sendable {
        let source: EndlessSource

        init(_ source: EndlessSource) { self.source = source }

        func makeAsyncIterator() -> Pieces { self }

        func next() async -> ByteBuffer? { source.next() }
    }
}

extension RelayedAnswer {
    /// Reads it to its end, as a client that stays does.
    func drain() async throws {
        guard case .stream(let stream) = content else { return }
        while try await stream.next() != nil {}
    }
}
