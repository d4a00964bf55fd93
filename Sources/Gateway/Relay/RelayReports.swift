import Synchronization

/// What comes while attempts run, in the order in which it came, for the one who waits for it. A timer reports here without a task.
final class RelayReports: Sendable {
    enum Report: Sendable {
        case ended(Int, Attempt.Outcome)
        /// It was cancelled, with the request or because another was faster, or went wrong in a way that no host can be blamed for.
        case stopped(Int, any Error)
        /// The attempt's first token is late.
        case late(Int)
    }

    private struct State {
        var reports: [Report] = []
        var reader: CheckedContinuation<Report, Never>?
    }

    private let state = Mutex(State())

    func add(_ report: Report) {
        let reader = state.withLock { state in
            if state.reader == nil { state.reports.append(report) }
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: report)
    }

    /// The oldest that was not taken. An attempt that is cancelled reports that, so nobody waits for ever.
    func next() async -> Report {
        await withCheckedContinuation { continuation in
            let report: Report? = state.withLock { state in
                if !state.reports.isEmpty { return state.reports.removeFirst() }
                state.reader = continuation
                return nil
            }
            if let report { continuation.resume(returning: report) }
        }
    }

    /// All that were not taken.
    func rest() -> [Report] {
        state.withLock { state in
            defer { state.reports = [] }
            return state.reports
        }
    }
}
