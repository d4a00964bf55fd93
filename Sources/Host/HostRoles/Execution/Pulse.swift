import Synchronization

/// Counts an engine's tokens, so that somebody notices when none come any more.
final class Pulse: Sendable {
    private struct State {
        var beats = 0
        var hasStopped = false
    }

    private let state = Mutex(State())

    /// A token came.
    func beat() { state.withLock { $0.beats += 1 } }

    /// Whether the engine was given up.
    var hasStopped: Bool { state.withLock(\.hasStopped) }

    /// Returns once no token came for too long, and has marked that; or when its task is cancelled.
    ///
    /// - Returns: whether the engine was given up.
    func waitForSilence(limits: Limits, clock: any Clock<Duration>) async -> Bool {
        var (seen, patience) = (0, limits.firstTokenMax)
        while true {
            do { try await clock.sleep(for: patience) } catch { return false }
            let isSilent = state.withLock { state in
                defer { seen = state.beats }
                state.hasStopped = state.beats == seen
                return state.hasStopped
            }
            if isSilent { return true }
            patience = limits.tokenSilenceMax
        }
    }
}
