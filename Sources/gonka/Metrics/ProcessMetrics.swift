import ABCIServer
import Gateway
import HTTPEdge
import HostRoles
import Logging
import MLNode
import Metrics
import OrderingMetrics
import PrometheusMetrics
import ServiceLifecycle
import SoloOrdering

/// What this process tells of itself: a registry and the door to it, or nothing where no port was asked for.
///
///     let metrics = try ProcessMetrics(settings)
///     let service = try HostService(…, metrics: HostMetrics(metrics.factory), …)
///     try await Services.run(metrics.services + [service], …)
struct ProcessMetrics {
    /// The door; before all others in a service group, so that it stays open while they drain.
    let services: [any Service]
    /// Nil where nobody asks.
    private let registry: PrometheusRegistry?

    init(_ settings: Settings) throws {
        let port = try settings.number(.metricsPort)
        guard port > 0 else {
            (registry, services) = (nil, [])
            return
        }
        let registry = PrometheusRegistry(
            help: Self.help,
            collectors: [ProcessCollector(), BuildCollector(version: Version.number, commit: Version.commit)])
        let address = EdgeServer.Address(host: try settings.text(.metricsListen), port: port)
        self.registry = registry
        services = [
            MetricsDoor(
                address: address,
                server: MetricsServer(
                    address: address, registry: registry, logger: try settings.logger("gonka.metrics")))
        ]
    }

    /// Keeps the counts of whoever measures.
    var factory: any MetricsFactory { registry ?? NOOPMetricsHandler.instance }

    /// For one of several hosts in this process.
    func factory(ofHost number: Int) -> any MetricsFactory {
        registry?.withLabelAndDimensionsMapping { ($0, $1 + [("host", "\(number)")]) } ?? factory
    }

    /// One sentence for each metric of this program; names that a process does not use do no harm.
    static var help: [String: String] {
        [
            ApplicationMetrics.help, MempoolMetrics.help, FollowMetrics.help, ABCIMetrics.help, HostMetrics.help,
            GatewayMetrics.help, MLNodeMetrics.help,
        ].reduce(into: [:]) { all, part in all.merge(part) { first, _ in first } }
    }
}

/// Hands out the metrics, and names the flag where its port is taken.
private struct MetricsDoor: Service {
    let address: EdgeServer.Address
    let server: MetricsServer

    func run() async throws {
        do {
            try await server.run { [address] port in
                StandardError.write("metrics at http://\(address.host):\(port)/metrics\n")
            }
        } catch let error as EdgeError {
            throw OperatorError("\(error); choose another port with \(Setting.metricsPort.flag).")
        }
    }
}
