import Gateway
import ServiceLifecycle

/// Waits for the network, then shows it to the person who started it.
struct Conductor: Service {
    let devnet: Devnet
    let gateway: GatewayService
    let demo: Bool
    let once: Bool

    /// Returns, and so ends the network, after `--once`; otherwise waits for the shutdown.
    func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await waitForGateway()
            if demo { try await Demo(devnet: devnet, gateway: gateway).run(keepsServing: !once) }
            if once { return }
            devnet.welcome()
            try await gracefulShutdown()
        }
    }

    /// The gateway listens at once and is ready when its sessions are open.
    private func waitForGateway() async throws {
        let steps = Steps()
        while true {
            let obstacles = await gateway.obstacles()
            if obstacles.isEmpty { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        steps.done("node, hosts and gateway up, session open")
    }
}
