import Gateway
import ServiceLifecycle

/// What a devnet shows to who started it.
enum DevnetStory {
    /// Nothing; it serves.
    case none
    case demo
    case cheat
    /// So many epochs, one line each.
    case epochs(UInt64)
}

/// Waits for the network, then shows it to the person who started it.
struct Conductor: Service {
    /// Far more than a slow machine takes.
    private static let readyTimeout = Duration.seconds(120)

    let devnet: Devnet
    let gateway: GatewayService
    let story: DevnetStory
    let once: Bool

    /// Returns, and so ends the network, after `--once`; otherwise waits for the shutdown.
    func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await waitForGateway()
            switch story {
            case .none: break
            case .demo: try await Demo(devnet: devnet, gateway: gateway).run(keepsServing: !once)
            case .cheat: try await CheatDemo(devnet: devnet, gateway: gateway, names: devnet.names).run()
            case .epochs(let count): try await EpochsDemo(devnet: devnet, epochs: count).run()
            }
            if once { return }
            devnet.welcome()
            try await gracefulShutdown()
        }
    }

    /// The gateway listens at once and is ready when its sessions are open.
    private func waitForGateway() async throws {
        let steps = Steps()
        let deadline = ContinuousClock.now + Self.readyTimeout
        var obstacles = await gateway.obstacles()
        while !obstacles.isEmpty {
            guard ContinuousClock.now < deadline else {
                throw OperatorError(
                    "the network is not ready after \(Steps.seconds(Self.readyTimeout)): "
                        + "\(obstacles.joined(separator: "; ")). `gonka devnet reset` starts it anew.")
            }
            try await Task.sleep(for: .milliseconds(50))
            obstacles = await gateway.obstacles()
        }
        steps.done("node, hosts and gateway up, session open")
    }
}
