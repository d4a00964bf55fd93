import SoloOrdering

/// A clock whose hands the test turns.
final class ManualClock: BlockClock {
    private struct State {
        var elapsed = Duration.zero
        var wallMilliseconds: UInt64 = 1_000_000
        var sleepers: [UInt64: (deadline: Duration, wake: CheckedContinuation<Void, Never>)] = [:]
        var lastID: UInt64 = 0
        var watchers: [UInt64: (deadline: Duration, wake: CheckedContinuation<Void, Never>)] = [:]
    }

    private let state = Locked(State())

    func wallMilliseconds() -> UInt64 { state.withLock { $0.wallMilliseconds } }

    func elapsed() -> Duration { state.withLock { $0.elapsed } }

    func setWall(milliseconds: UInt64) { state.withLock { $0.wallMilliseconds = milliseconds } }

    /// Turns the hands and wakes whoever slept until then.
    func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.elapsed += duration
            state.wallMilliseconds += UInt64(duration / .milliseconds(1))
            let due = state.sleepers.filter { $0.value.deadline <= state.elapsed }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.map(\.wake)
        }
        for wake in due { wake.resume() }
    }

    /// Returns once somebody sleeps until exactly `deadline`, or the calling task is cancelled.
    func whenSomebodySleeps(until deadline: Duration) async {
        let id = makeID()
        await withTaskCancellationHandler {
            await withCheckedContinuation { wake in
                let isMet = state.withLock { state in
                    if Task.isCancelled || state.sleepers.values.contains(where: { $0.deadline == deadline }) {
                        return true
                    }
                    state.watchers[id] = (deadline, wake)
                    return false
                }
                if isMet { wake.resume() }
            }
        } onCancel: {
            state.withLock { $0.watchers.removeValue(forKey: id) }?.wake.resume()
        }
    }

    private func makeID() -> UInt64 {
        state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
    }

    func sleep(until deadline: Duration) async {
        let id = makeID()
        await withTaskCancellationHandler {
            await withCheckedContinuation { fallAsleep(id, until: deadline, $0) }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: id) }?.wake.resume()
        }
    }

    private func fallAsleep(_ id: UInt64, until deadline: Duration, _ wake: CheckedContinuation<Void, Never>) {
        let toWake = state.withLock { state in
            if state.elapsed >= deadline || Task.isCancelled { return [wake] }
            state.sleepers[id] = (deadline, wake)
            let met = state.watchers.filter { $0.value.deadline == deadline }
            for id in met.keys { state.watchers[id] = nil }
            return met.values.map(\.wake)
        }
        for wake in toWake { wake.resume() }
    }
}
