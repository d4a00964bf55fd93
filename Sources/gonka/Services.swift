import HTTPEdge
import Logging
import ServiceLifecycle
import UnixSignals

/// Runs services until SIGTERM or SIGINT; both drain.
enum Services {
    static func run(_ services: [any Service], logger: Logger, portFlag: String) async throws {
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map {
                    ServiceGroupConfiguration.ServiceConfiguration(
                        service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup)
                }, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        do {
            try await group.run()
        } catch let error as EdgeError {
            throw OperatorError("\(error); choose another port with \(portFlag).")
        }
    }
}
