import Synchronization

/// What happens to an answer, for one reader: one event after the other, or all that are there together.
///
/// Events wait in a list, and a stream says that there are some: whoever is slower than the engine takes many at once.
public struct AnswerEvents: AsyncSequence, Sendable {
    public typealias Element = LiveAnswer.Event

    private let signals: AsyncThrowingStream<Void, any Error>
    private let waiting: Waiting

    fileprivate final class Waiting: Sendable {
        private let events = Mutex<[LiveAnswer.Event]>([])

        /// - Returns: whether it is the only one, and the reader must hear of it.
        func add(_ event: LiveAnswer.Event) -> Bool {
            events.withLock { events in
                events.append(event)
                return events.count == 1
            }
        }

        func takeAll() -> [LiveAnswer.Event] {
            events.withLock { events in
                defer { events = [] }
                return events
            }
        }
    }

    /// Where the events come from.
    struct Source: Sendable {
        fileprivate let signal: AsyncThrowingStream<Void, any Error>.Continuation
        fileprivate let waiting: Waiting

        func yield(_ event: LiveAnswer.Event) { if waiting.add(event) { signal.yield() } }

        /// Nothing follows but this.
        func finish(throwing error: (any Error)?) { signal.finish(throwing: error) }

        /// Called once, when all is over.
        ///
        /// - Parameter wasLeft: whether the reader went away before the end.
        func onEnd(_ action: @escaping @Sendable (_ wasLeft: Bool) -> Void) {
            signal.onTermination = { reason in
                if case .cancelled = reason { action(true) } else { action(false) }
            }
        }
    }

    static func make() -> (events: AnswerEvents, source: Source) {
        // One signal stands for all events that are there when it is heard.
        let (signals, signal) = AsyncThrowingStream.makeStream(
            of: Void.self, throwing: (any Error).self, bufferingPolicy: .bufferingNewest(1))
        let waiting = Waiting()
        return (AnswerEvents(signals: signals, waiting: waiting), Source(signal: signal, waiting: waiting))
    }

    public func makeAsyncIterator() -> Iterator { Iterator(signals: signals.makeAsyncIterator(), waiting: waiting) }

    public struct Iterator: AsyncIteratorProtocol {
        private var signals: AsyncThrowingStream<Void, any Error>.Iterator
        private let waiting: Waiting
        /// Those that were taken and not given out, the first last.
        private var taken: [LiveAnswer.Event] = []

        fileprivate init(signals: AsyncThrowingStream<Void, any Error>.Iterator, waiting: Waiting) {
            self.signals = signals
            self.waiting = waiting
        }

        public mutating func next() async throws -> LiveAnswer.Event? {
            if taken.isEmpty { taken = try await nextAll()?.reversed() ?? [] }
            return taken.popLast()
        }

        /// All that are there, at least one; nil at the end.
        public mutating func nextAll() async throws -> [LiveAnswer.Event]? {
            var events = ready()
            while events.isEmpty {
                guard try await signals.next() != nil else { return nil }
                events = ready()
            }
            return events
        }

        /// All that are there now, perhaps none.
        public mutating func ready() -> [LiveAnswer.Event] {
            defer { taken = [] }
            return taken.reversed() + waiting.takeAll()
        }
    }
}
