import HTTPEdge
import Logging
import ServiceLifecycle
import UnixSignals

/// Runs services until SIGTERM or SIGINT; both drain.
enum Services {
    /// How long answers in progress may go on after a signal.
    private static let drainMax = Duration.seconds(120)

    static func run(_ services: [any Service], logger: Logger, portFlag: String) async throws {
        var configuration = ServiceGroupConfiguration(
            services: services.map {
                ServiceGroupConfiguration.ServiceConfiguration(
                    service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .gracefullyShutdownGroup)
            }, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = drainMax
        let group = ServiceGroup(configuration: configuration)
        do {
            try await group.run()
        } catch let error as EdgeError {
            throw OperatorError("\(error); choose another port with \(portFlag).")
        }
    }
}
