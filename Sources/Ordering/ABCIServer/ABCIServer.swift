import Logging
import Metrics
import NIOCore
import NIOPosix
import OrderingAPI
import SwiftProtobuf
import Synchronization

/// The door to a consensus node: CometBFT 0.38 over ABCI 2.0's socket.
///
/// The node opens four connections and sends on each without waiting for answers; answers go back in the order of their requests,
/// at the latest when it flushes. There is one node. Whoever reaches the socket is taken for it, so it belongs on loopback or in
/// a folder of one's own.
public struct ABCIServer: Sendable {
    private let address: ABCIAddress
    private let service: ABCIService
    private let limits: Limits
    private let metrics: ABCIMetrics
    private let logger: Logger

    /// - Parameter application: used by nobody else from here on.
    public init(
        address: ABCIAddress, application: sending any ConsensusApplication, terms: ABCITerms,
        limits: Limits = Limits(), metrics: any MetricsFactory = NOOPMetricsHandler.instance, logger: Logger
    ) {
        self.address = address
        self.metrics = ABCIMetrics(metrics)
        self.limits = limits
        self.logger = logger
        service = ABCIService(
            application: ABCIApplication(application: application, logger: logger), terms: terms)
    }

    /// Serves until the task is cancelled. A block that is being executed or written is finished first.
    ///
    /// - Parameter onReady: called once with the address that is bound.
    /// - Throws: `ABCIServerError`: where it cannot listen, and where the application must not go on.
    public func run(onReady: @escaping @Sendable (ABCIAddress) async -> Void = { _ in }) async throws {
        let server = try await listen()
        logger.info("abci ready", metadata: ["address": "\(address)"])
        await onReady(bound(server.channel))
        do { try await accept(from: server) } catch is CancellationError {}
    }

    private func accept(from server: NIOAsyncChannel<Connection, Never>) async throws {
        let places = Places(limits.connectionsMax)
        try await withThrowingDiscardingTaskGroup { group in
            try await server.executeThenClose { connections in
                for try await connection in connections {
                    group.addTask {
                        let isWelcome = places.take()
                        defer { if isWelcome { places.leave() } }
                        // Nobody is left to accept where the application must not go on.
                        do { try await serve(connection, isWelcome) } catch {
                            server.channel.close(promise: nil)
                            throw error
                        }
                    }
                }
            }
        }
    }

    typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private func listen() async throws -> NIOAsyncChannel<Connection, Never> {
        let bytesMax = limits.messageBytesMax
        @Sendable func wrap(_ channel: any Channel) -> EventLoopFuture<Connection> {
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(
                    ByteToMessageHandler(MessageDecoder(bytesMax: bytesMax)))
                return try Connection(wrappingChannelSynchronously: channel)
            }
        }
        let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        do {
            switch address {
            case .tcp(let host, let port):
                return try await bootstrap.serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                    .bind(host: host, port: port, childChannelInitializer: wrap)
            case .unix(let path):
                try await checkFree(path)
                return try await bootstrap.bind(
                    unixDomainSocketPath: path, cleanupExistingSocketFile: true, childChannelInitializer: wrap)
            }
        } catch let error as ABCIServerError {
            throw error
        } catch {
            throw ABCIServerError.cannotListen(address, reason: "\(error)")
        }
    }

    /// A socket's file outlives its process; one that answers belongs to another process.
    private func checkFree(_ path: String) async throws {
        let bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        guard let other = try? await bootstrap.connect(unixDomainSocketPath: path).get() else { return }
        try? await other.close()
        throw ABCIServerError.cannotListen(address, reason: "something listens there already")
    }

    private func bound(_ channel: any Channel) -> ABCIAddress {
        guard case .tcp(let host, _) = address, let port = channel.localAddress?.port else { return address }
        return .tcp(host: host, port: port)
    }

    /// One connection to its end. What ends it alone is only told; what must end the node is thrown.
    private func serve(_ connection: Connection, _ isWelcome: Bool) async throws {
        do {
            try await connection.executeThenClose { requests, outbound in
                guard isWelcome else {
                    return logger.warning("abci connection refused", metadata: ["most": "\(limits.connectionsMax)"])
                }
                try await answer(requests, outbound)
            }
        } catch let error as ABCIServerError {
            throw error
        } catch is CancellationError {
        } catch {
            logger.warning("abci connection ended", metadata: ["error": "\(error)"])
        }
    }

    private func answer(
        _ requests: NIOAsyncChannelInboundStream<ByteBuffer>, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws {
        var held = HeldAnswers(limits: limits)
        for try await message in requests {
            let request: ABCI_Request
            do { request = try ABCI_Request(serializedBytes: Array(message.readableBytesView)) } catch {
                try held.add(.with { $0.exception.error = "a request that cannot be read: \(error)" })
                try await outbound.write(held.take())
                throw error
            }
            do throws(ABCIFault) {
                let start = ContinuousClock.now
                let answer = try await service.answer(request)
                metrics.record(ContinuousClock.now - start, of: request)
                do { try held.add(answer) } catch { throw ABCIFault("an answer that cannot be written: \(error)") }
            } catch {
                logger.critical("abci request cannot be answered", metadata: ["reason": "\(error)"])
                try held.add(.with { $0.exception.error = error.description })
                try? await outbound.write(held.take())
                throw ABCIServerError.failed(error.description)
            }
            if case .flush = request.value { try await outbound.write(held.take()) }
            if held.isFull { try await outbound.write(held.take()) }
        }
    }
}

/// Room for connections.
private final class Places: Sendable {
    private let left: Mutex<Int>

    init(_ count: Int) { left = Mutex(count) }

    /// - Returns: whether there was room.
    func take() -> Bool {
        left.withLock { left in
            guard left > 0 else { return false }
            left -= 1
            return true
        }
    }

    func leave() { left.withLock { $0 += 1 } }
}

/// Why the server does not serve.
public enum ABCIServerError: Error, Equatable, CustomStringConvertible {
    case cannotListen(ABCIAddress, reason: String)
    /// The application cannot go on without answering something wrong.
    case failed(String)

    public var description: String {
        switch self {
        case .cannotListen(let address, let reason): "cannot listen on \(address): \(reason)"
        case .failed(let reason): "the application stopped: \(reason)"
        }
    }
}
