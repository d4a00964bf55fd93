import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix

/// An HTTP server within `EdgeLimits`, on loopback unless told otherwise.
public struct EdgeServer: Sendable {
    /// Where it listens.
    public struct Address: Equatable, Sendable, CustomStringConvertible {
        public let host: String
        public let port: Int

        public init(host: String = "127.0.0.1", port: Int) {
            self.host = host
            self.port = port
        }

        public var description: String { "\(host):\(port)" }
    }

    private let address: Address
    private let limits: EdgeLimits
    private let responder: RouterResponder<EdgeContext>
    private let logger: Logger

    public init(
        address: Address, router: Router<EdgeContext>, limits: EdgeLimits = EdgeLimits(), logger: Logger
    ) {
        self.address = address
        responder = router.buildResponder()
        self.limits = limits
        self.logger = logger
    }

    /// Listens until the surrounding service group shuts down; answers in progress are finished first.
    ///
    /// - Parameter onReady: called once with the port that is bound, which matters where port 0 was asked for.
    /// - Throws: `EdgeError.addressInUse` where somebody listens there already.
    public func run(onReady: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
        let limits = limits
        let places = AddressPlaces(limits.connectionsPerAddressMax)
        let decoder = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: limits.headerBytesMax, maxHeaderListSize: limits.headerBytesMax,
            maxHeaderFieldCount: limits.headerCountMax)
        let channel = HTTP1Channel.Configuration(
            additionalChannelHandlers: [
                AddressShare(of: places, limits), RequestDeadlines(limits), EarlyRefusals(limits), ClientPresence(),
                JointSending(),
            ],
            idleTimeout: limits.idleTimeout,
            httpDecoderConfiguration: decoder)
        var configuration = ApplicationConfiguration(
            address: .hostname(address.host, port: address.port), serverName: nil, reuseAddress: true)
        configuration.availableConnectionsDelegate = MaximumAvailableConnections(limits.connectionsMax)
        let application = Application(
            responder: responder, server: .http1(configuration: channel), configuration: configuration,
            onServerRunning: { channel in await onReady(channel.localAddress?.port ?? 0) },
            eventLoopGroupProvider: .singleton, logger: logger)
        do {
            try await application.run()
        } catch let error as IOError where error.errnoCode == EdgeError.addressInUseCode {
            throw EdgeError.addressInUse(address)
        }
    }
}

/// Why a server could not listen.
public enum EdgeError: Error, Equatable, Sendable, CustomStringConvertible {
    case addressInUse(EdgeServer.Address)

    /// EADDRINUSE on Linux.
    static let addressInUseCode: Int32 = 98

    public var description: String {
        switch self {
        case .addressInUse(let address): "something listens on \(address) already"
        }
    }
}
