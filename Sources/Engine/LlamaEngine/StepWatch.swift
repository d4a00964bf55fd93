import Dispatch
import EngineAPI
import Synchronization

/// Notices a step that does not end.
///
/// A thread inside llama.cpp cannot be stopped from outside, so whoever waits is told, the engine says of itself that it is
/// unusable, and whoever has another engine asks that one. Should the step end after all, the engine's thread makes its context
/// anew and goes on.
final class StepWatch: Sendable {
    private struct State {
        var began: ContinuousClock.Instant?
        var isHung = false
    }

    private let limit: Duration
    private let onHang: @Sendable () -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - limit: how long a step may take.
    ///   - onHang: called once for each step that takes longer, on another thread.
    init(limit: Duration, onHang: @escaping @Sendable () -> Void) {
        self.limit = limit
        self.onHang = onHang
        lookLater()
    }

    private func lookLater() {
        DispatchQueue.global().asyncAfter(deadline: .now() + max(0.01, limit.seconds / 8)) { [weak self] in
            guard let self else { return }
            if looksHung() { onHang() }
            lookLater()
        }
    }

    /// A step begins.
    func begin() { state.withLock { $0.began = .now } }

    /// The step ended. Returns whether it had been given up.
    func end() -> Bool {
        state.withLock { state in
            state.began = nil
            defer { state.isHung = false }
            return state.isHung
        }
    }

    /// Whether a step is running that was given up.
    var isHung: Bool { state.withLock { $0.isHung } }

    private func looksHung() -> Bool {
        state.withLock { state in
            guard let began = state.began, !state.isHung, began.duration(to: .now) > limit else { return false }
            state.isHung = true
            return true
        }
    }
}
