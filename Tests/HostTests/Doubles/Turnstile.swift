/// Lets a scripted engine go on token by token: each `admit` lets one more through.
actor Turnstile {
    private var admitted = 0
    private var passed = 0
    private var isBroken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var arrivals: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    private var arrived = 0

    /// Waits for admission; ends early for a task that is cancelled.
    func pass() async throws {
        arrived += 1
        let ready = arrivals.filter { $0.count <= arrived }
        arrivals.removeAll { $0.count <= arrived }
        for arrival in ready { arrival.continuation.resume() }
        if passed < admitted || isBroken {
            passed += 1
            return
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiting.append($0) }
        } onCancel: {
            Task { await self.open() }
        }
        passed += 1
        try Task.checkCancellation()
    }

    /// Lets `count` more pass.
    func admit(_ count: Int) {
        admitted += count
        let woken = waiting.prefix(count)
        waiting.removeFirst(woken.count)
        for continuation in woken { continuation.resume() }
    }

    /// Lets everybody pass.
    func open() {
        isBroken = true
        for continuation in waiting { continuation.resume() }
        waiting = []
    }

    /// Returns once `count` have come to the turnstile.
    func waitForArrivals(_ count: Int) async {
        guard arrived < count else { return }
        await withCheckedContinuation { arrivals.append((count, $0)) }
    }
}
