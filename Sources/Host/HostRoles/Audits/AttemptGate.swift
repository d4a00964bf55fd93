/// Lets so many in at once; the others wait in the order they came. Who waits between two attempts is outside, so that those who
/// wait for a dead claimant hold nobody up.
actor AttemptGate {
    private var free: Int
    private var waiting: [(id: UInt64, continuation: CheckedContinuation<Bool, Never>)] = []
    private var lastID: UInt64 = 0

    init(places: Int) { free = max(1, places) }

    /// Returns once there is a place, which `leave` gives back; false, without one, where the calling task is cancelled before.
    func enter() async -> Bool {
        if free > 0 {
            free -= 1
            return true
        }
        lastID += 1
        let id = lastID
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled { return continuation.resume(returning: false) }
                // A place may have come back on the way here.
                guard free == 0 else {
                    free -= 1
                    return continuation.resume(returning: true)
                }
                waiting.append((id, continuation))
            }
        } onCancel: {
            Task { await self.cancel(id) }
        }
    }

    /// Gives a place back.
    func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().continuation.resume(returning: true) }
    }

    private func cancel(_ id: UInt64) {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
        waiting.remove(at: index).continuation.resume(returning: false)
    }
}
