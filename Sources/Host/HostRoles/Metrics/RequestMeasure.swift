import Messages
import OpenAIWire
import Synchronization

/// One request from its beginning to its end, which is counted exactly once: by whoever knows it, or, where nobody got that far,
/// as cancelled when the last owner lets go of it.
public final class RequestMeasure: Sendable {
    private struct State {
        var hasToken = false
        var hasEnded = false
    }

    private let metrics: HostMetrics
    private let start = ContinuousClock.now
    private let state = Mutex(State())

    public init(_ metrics: HostMetrics) { self.metrics = metrics }

    /// The first token is there; later calls do nothing.
    public func firstToken() {
        let isFirst = state.withLock { state in
            defer { state.hasToken = true }
            return !state.hasToken
        }
        if isFirst { metrics.began(after: ContinuousClock.now - start) }
    }

    /// The request is over; later calls do nothing.
    public func end(_ outcome: HostMetrics.RequestOutcome) {
        let isFirst = state.withLock { state in
            defer { state.hasEnded = true }
            return !state.hasEnded
        }
        if isFirst { metrics.ended(outcome, after: ContinuousClock.now - start) }
    }

    /// The request ended in an item.
    public func end(_ item: FinishedItem) { end(item.item.finishReason == .cancelled ? .cancelled : .answered) }

    /// To be called where a client's leaving cancels the task: what fails then fails for that reason.
    public func endIfCancelled() { if Task.isCancelled { end(.cancelled) } }

    /// The request ended in an error.
    public func end(_ error: any Error) {
        guard !(error is CancellationError) else { return end(.cancelled) }
        let status = (error as? OpenAIError)?.status ?? 500
        end(status == 503 || status == 429 ? .overloaded : status < 500 ? .refused : .failed)
    }

    deinit { end(.cancelled) }
}
