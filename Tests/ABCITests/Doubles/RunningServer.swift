import Logging
import Metrics
import OrderingAPI

@testable import ABCIServer

/// A server on a free port of loopback while a test uses it.
enum RunningServer {
    static let terms = ABCITerms(version: "test", protocolVersion: 1)
    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Stops the server when `body` has ended, which must then end without an error.
    static func run(
        _ application: sending any ConsensusApplication, at address: ABCIAddress = .tcp(host: "127.0.0.1", port: 0),
        limits: Limits = Limits(), metrics: any MetricsFactory = NOOPMetricsHandler.instance,
        _ body: @escaping @Sendable (ABCIAddress) async throws -> Void
    ) async throws {
        let (running, ready) = start(application, at: address, limits: limits, metrics)
        for await bound in ready {
            do { try await body(bound) } catch {
                running.cancel()
                _ = await running.result
                throw error
            }
            running.cancel()
        }
        try await running.value
    }

    /// - Throws: what ended the server, which `body` brought about.
    static func runToItsEnd(
        _ application: sending any ConsensusApplication,
        _ body: @escaping @Sendable (ABCIAddress) async throws -> Void
    ) async throws {
        let (running, ready) = start(application, at: .tcp(host: "127.0.0.1", port: 0), limits: Limits())
        for await bound in ready { try await body(bound) }
        try await running.value
    }

    private static func start(
        _ application: sending any ConsensusApplication, at address: ABCIAddress, limits: Limits,
        _ metrics: any MetricsFactory = NOOPMetricsHandler.instance
    ) -> (Task<Void, any Error>, AsyncStream<ABCIAddress>) {
        let server = ABCIServer(
            address: address, application: application, terms: terms, limits: limits, metrics: metrics,
            logger: silent)
        let (ready, isReady) = AsyncStream<ABCIAddress>.makeStream()
        let running = Task {
            defer { isReady.finish() }
            try await server.run { isReady.yield($0) }
        }
        return (running, ready)
    }
}
