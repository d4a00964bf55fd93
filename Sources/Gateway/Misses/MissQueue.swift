import NIOCore
import ProtocolRules
import Synchronization

/// A request that a host neither answered nor refused, or refused for load, as the relay saw it.
struct UnansweredRequest: Sendable {
    let request: RelayRequest
    let engagement: Engagement
    /// Whether it ended at no cost, as the host certainly held no item for it.
    let wasFree: Bool
}

/// Requests that wait for witnesses. Putting one in never waits; what finds no room is dropped, and nobody is told.
final class MissQueue: Sendable {
    private struct State {
        var count = 0
        var bytes = 0
        /// How often witnesses were asked about one executor of one session.
        var asked: [VoucherBook.Key: Int] = [:]
    }

    /// One reader takes them out, in the order in which they came.
    let requests: AsyncStream<UnansweredRequest>
    private let input: AsyncStream<UnansweredRequest>.Continuation
    private let state = Mutex(State())

    init() { (requests, input) = AsyncStream.makeStream() }

    /// - Returns: whether it was taken; `finish` must follow then.
    @discardableResult
    func offer(_ unanswered: UnansweredRequest) -> Bool {
        let (key, bytes) = (unanswered.engagement.key, unanswered.request.body.readableBytes)
        let isTaken = state.withLock { state in
            guard state.count < Limits.missesWaitingMax, bytes <= Limits.missesBytesMax - state.bytes,
                state.asked[key, default: 0] < MissRules.missesPerExecutorMax
            else { return false }
            // The oldest session is the first that nobody asks under any more.
            if state.asked[key] == nil, state.asked.count >= Limits.missKeysMax, let oldest = state.asked.keys.min() {
                state.asked[oldest] = nil
            }
            state.count += 1
            state.bytes += bytes
            state.asked[key, default: 0] += 1
            return true
        }
        if isTaken { input.yield(unanswered) }
        return isTaken
    }

    /// Its body is needed no more.
    func finish(_ unanswered: UnansweredRequest) {
        state.withLock { state in
            state.count -= 1
            state.bytes -= unanswered.request.body.readableBytes
        }
    }
}
