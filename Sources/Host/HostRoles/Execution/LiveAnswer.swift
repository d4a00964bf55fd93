import Messages
import OpenAIWire
import Primitives

/// An answer that is being given, or is given again.
public struct LiveAnswer: Sendable {
    /// What happens, in order: texts, then exactly one `finished`, unless the stream fails with an `OpenAIError`.
    public enum Event: Sendable {
        /// The next piece, whole characters, not empty.
        case text(String)
        /// The answer is complete, and its item is durable.
        case finished(FinishedItem)
    }

    public let id: String
    /// Seconds since 1970-01-01 UTC.
    public let created: UInt64
    public let model: String
    /// How the request wants it: as a stream, and with a count of tokens at the end of it.
    public let streams: Bool
    public let includesUsage: Bool
    /// At most as many events as the answer has tokens. Leaving the stream gives the request up.
    public let events: AsyncThrowingStream<Event, any Error>
    private let giveUp: @Sendable () -> Void

    init(
        plan: AnswerPlan, events: AsyncThrowingStream<Event, any Error>, giveUp: @escaping @Sendable () -> Void
    ) {
        id = plan.id
        created = plan.created
        model = plan.request.model
        (streams, includesUsage) = (plan.request.streams, plan.request.includesUsage)
        self.events = events
        self.giveUp = giveUp
    }

    /// An answer from the log, at once.
    init(stored item: FinishedItem, for request: ChatCompletionRequest) {
        (streams, includesUsage) = (request.streams, request.includesUsage)
        id = item.answer.id
        created = item.answer.created
        model = item.item.model
        giveUp = {}
        events = AsyncThrowingStream { continuation in
            if !item.answer.text.isEmpty { continuation.yield(.text(item.answer.text)) }
            continuation.yield(.finished(item))
            continuation.finish()
        }
    }

    /// Ends the generation: nobody waits for it any more. What was made up to then becomes an item.
    public func cancel() { giveUp() }
}
