import Foundation
import Gateway
import HostRoles
import PrometheusMetrics
import ScrapeReader
import Testing

@testable import gonka

/// What a daemon tells of itself, and where.
@Suite struct ProcessMetricsTests {
    private static func settings(_ flags: [Setting: String]) async throws -> Settings {
        try await Settings(home: Home("/nowhere"), flags: flags, environment: [:])
    }

    @Test("There is no door until a port is given, and then it is on loopback")
    func door() async throws {
        #expect(try ProcessMetrics(try await Self.settings([:])).services.isEmpty)
        let settings = try await Self.settings([.metricsPort: "9464"])
        #expect(try ProcessMetrics(settings).services.count == 1)
        #expect(try settings.text(.metricsListen) == "127.0.0.1")
    }

    @Test("A devnet's metrics need a port of their own")
    func devnetPorts() async throws {
        let error = await #expect(throws: OperatorError.self) {
            _ = try DevnetPorts(try await Self.settings([.metricsPort: "8080"]), hosts: 3)
        }
        #expect(error?.description.contains("--gateway-port and --metrics-port both take port 8080") == true)
        #expect(try DevnetPorts(try await Self.settings([.metricsPort: "9464"]), hosts: 3).metrics == 9464)
        #expect(try DevnetPorts(try await Self.settings([:]), hosts: 3).metrics == 0)
    }

    @Test("Everything that is counted is explained, and stands in docs/operations.md")
    func documented() throws {
        let registry = PrometheusRegistry(help: ProcessMetrics.help)
        _ = (HostMetrics(registry), GatewayMetrics(registry), FollowMetrics(registry))
        #expect(try Scrape(registry.exposition()).undocumented.isEmpty)
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(
            path: "../../docs/operations.md")
        let text = String(decoding: try Data(contentsOf: page), as: UTF8.self)
        for name in ProcessMetrics.help.keys { #expect(text.contains("`\(name)`"), "\(name)") }
    }

    @Test("How far the followed node is, is asked for seldom, and never goes back")
    func followedHeight() async {
        let tip = FollowedHeight()
        #expect(await tip.current(atLeast: 5) { 90 } == 90)
        #expect(await tip.current(atLeast: 6) { 91 } == 90)
        #expect(await tip.current(atLeast: 95) { 91 } == 95)
        #expect(await FollowedHeight().current(atLeast: 5) { nil } == 5)
    }

    @Test("A follower's lag is what the other has more")
    func lag() throws {
        let registry = PrometheusRegistry()
        let metrics = FollowMetrics(registry)
        for (own, other, lag) in [(5, 9, 4), (9, 9, 0), (9, 8, 0)] as [(UInt64, UInt64, Double)] {
            metrics.show(own: own, other: other)
            #expect(try Scrape(registry.exposition()).value("gonka_node_followed_lag_blocks") == lag)
        }
    }
}
