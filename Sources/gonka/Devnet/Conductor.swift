import Gateway
import ServiceLifecycle

/// Waits for the network, then shows it to the person who started it.
struct Conductor: Service {
    /// Far more than a slow machine takes.
    private static let readyTimeout = Duration.seconds(120)

    let devnet: Devnet
    let gateway: GatewayService
    let demo: Bool
    let once: Bool

    /// Returns, and so ends the network, after `--once`; otherwise waits for the shutdown.
    func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await waitForGateway()
            if let cheat = devnet.cheat {
                try await CheatDemo(devnet: devnet, gateway: gateway, cheat: cheat, names: devnet.names).run()
            } else if demo {
                try await Demo(devnet: devnet, gateway: gateway).run(keepsServing: !once)
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
