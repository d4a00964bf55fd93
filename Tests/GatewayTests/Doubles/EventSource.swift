import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Primitives
import Synchronization

/// A host's stream that gives out as many events as a test allows, and tells when nobody reads it any more.
final class EventSource: Sendable {
    private let (permits, permit) = AsyncStream<Void>.makeStream()
    private let (ends, end) = AsyncStream<Void>.makeStream()
    private let (looks, look) = AsyncStream<Void>.makeStream()

    /// Lets `count` more events go out.
    func allow(_ count: Int) { for _ in 0..<count { permit.yield() } }

    /// Returns when the reader has asked `count` times more.
    func waitForLooks(_ count: Int) async { for await _ in looks.prefix(count) {} }

    /// Returns when the reader has let go of the stream.
    func dropped() async { for await _ in ends { return } }

    func response(_ events: [Bytes]) -> HTTPClientResponse {
        HTTPClientResponse(
            status: .ok, headers: ["content-type": "text/event-stream"],
            body: .stream(Events(all: events, permits: permits, look: look, witness: Witness(end: end))))
    }

    /// Goes with the last reader.
    private final class Witness: Sendable {
        private let end: AsyncStream<Void>.Continuation

        init(end: AsyncStream<Void>.Continuation) { self.end = end }

        deinit { end.yield() }
    }

    private struct Events: AsyncSequence, Sendable {
        let all: [Bytes]
        let permits: AsyncStream<Void>
        let look: AsyncStream<Void>.Continuation
        let witness: Witness

        func makeAsyncIterator() -> Iterator {
            Iterator(rest: all[...], permits: permits.makeAsyncIterator(), look: look, witness: witness)
        }

        struct Iterator: AsyncIteratorProtocol {
            var rest: ArraySlice<Bytes>
            var permits: AsyncStream<Void>.Iterator
            let look: AsyncStream<Void>.Continuation
            let witness: Witness

            mutating func next() async -> ByteBuffer? {
                look.yield()
                guard await permits.next() != nil else { return nil }
                return rest.popFirst().map { ByteBuffer(bytes: $0) }
            }
        }
    }
}
