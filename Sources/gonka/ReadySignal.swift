import ServiceLifecycle

/// Lets services wait for another one.
actor ReadySignal {
    private var isReady = false
    private var waiters: [CheckedContinuation<Void, Never>] = []

    func raise() {
        isReady = true
        for waiter in waiters { waiter.resume() }
        waiters = []
    }

    func wait() async {
        if isReady { return }
        await withCheckedContinuation { waiters.append($0) }
    }
}

/// A service that starts when a signal is raised.
struct Gated<Inner: Service>: Service {
    let signal: ReadySignal
    let inner: Inner

    func run() async throws {
        await signal.wait()
        try await inner.run()
    }
}
