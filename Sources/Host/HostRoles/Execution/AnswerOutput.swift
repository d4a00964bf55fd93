import Messages
import OpenAIWire
import Synchronization

/// Where an answer's choices go: the gate opens with the first token of any, or with a refusal; the sink takes what follows.
final class AnswerOutput: Sendable {
    typealias Gate = AsyncStream<OpenAIError?>

    private let sink: AnswerEvents.Source
    private let opening: Gate.Continuation
    private struct State {
        var isOpen = false
        var failure: OpenAIError?
    }

    private let state = Mutex(State())

    init(sink: AnswerEvents.Source, opening: Gate.Continuation) {
        self.sink = sink
        self.opening = opening
    }

    /// - Returns: false where the answer was refused before.
    func open() -> Bool {
        let isRefused = state.withLock { state in
            if !state.isOpen, state.failure != nil { return true }
            state.isOpen = true
            return false
        }
        if isRefused { return false }
        opening.yield(nil)
        opening.finish()
        return true
    }

    func give(_ piece: AnswerPiece, _ choice: UInt32) {
        if !piece.isEmpty { sink.yield(.piece(piece, choice: choice)) }
    }

    func finish(_ item: FinishedItem, _ reason: ChatFinishReason) { sink.yield(.finished(item, reason)) }

    /// A choice came to nothing: the answer fails with the first reason.
    func fail(_ error: OpenAIError) {
        state.withLock { $0.failure = $0.failure ?? error }
        opening.yield(error)
        opening.finish()
    }

    /// Every choice has ended.
    func end() { sink.finish(throwing: state.withLock(\.failure)) }
}
