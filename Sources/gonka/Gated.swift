import ServiceLifecycle

/// A service that starts once a condition holds, or not at all where the group shuts down before.
struct Gated<Inner: Service>: Service {
    private static var pause: Duration { .milliseconds(20) }

    let isDue: @Sendable () async -> Bool
    let inner: Inner

    func run() async throws {
        let isDue = isDue
        let isOpen = await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if await isDue() { return true }
                try? await Task.sleep(for: Self.pause)
            }
            return false
        }
        if isOpen { try await inner.run() }
    }
}
