import OpenAIWire
import Synchronization

/// One client's request from its beginning to its end, which is counted exactly once: by whoever knows it, or, where nobody got
/// that far, as cancelled when the last owner lets go of it.
final class CompletionMeasure: Sendable {
    private struct State {
        var streams = false
        var hasEnded = false
    }

    private let metrics: GatewayMetrics
    private let start = ContinuousClock.now
    private let state = Mutex(State())

    init(_ metrics: GatewayMetrics) { self.metrics = metrics }

    /// What kind of answer is wanted; unknown before the request was read.
    func wants(stream: Bool) { state.withLock { $0.streams = stream } }

    /// Something can be sent to the client.
    func begin() { metrics.began(after: ContinuousClock.now - start) }

    /// The request is over; later calls do nothing.
    func end(_ status: GatewayMetrics.StatusClass) {
        let streams: Bool? = state.withLock { state in
            defer { state.hasEnded = true }
            return state.hasEnded ? nil : state.streams
        }
        if let streams { metrics.ended(status, streams: streams, after: ContinuousClock.now - start) }
    }

    /// To be called where a client's leaving cancels the task: what fails then fails for that reason.
    func endIfCancelled() { if Task.isCancelled { end(.cancelled) } }

    /// The request ended in an error.
    func end(_ error: any Error) {
        guard !(error is CancellationError) else { return end(.cancelled) }
        end((error as? OpenAIError)?.status ?? 500 < 500 ? .client : .server)
    }

    deinit { end(.cancelled) }
}
