import Messages
import OpenAIWire
import Synchronization

/// Where an answer's choices go: the gate opens with the first token of any, or with a refusal; the sink takes what follows.
final class AnswerOutput: Sendable {
    typealias Events = AsyncThrowingStream<LiveAnswer.Event, any Error>
    typealias Gate = AsyncStream<OpenAIError?>

    private let sink: Events.Continuation
    private let opening: Gate.Continuation
    private let failure = Mutex<OpenAIError?>(nil)

    init(sink: Events.Continuation, opening: Gate.Continuation) {
        self.sink = sink
        self.opening = opening
    }

    func open() {
        opening.yield(nil)
        opening.finish()
    }

    func give(_ piece: AnswerPiece, _ choice: UInt32) {
        if !piece.isEmpty { sink.yield(.piece(piece, choice: choice)) }
    }

    func finish(_ item: FinishedItem, _ reason: ChatFinishReason) { sink.yield(.finished(item, reason)) }

    /// A choice came to nothing: the answer fails with the first reason.
    func fail(_ error: OpenAIError) {
        failure.withLock { $0 = $0 ?? error }
        opening.yield(error)
        opening.finish()
    }

    /// Every choice has ended.
    func end() { sink.finish(throwing: failure.withLock { $0 }) }
}
