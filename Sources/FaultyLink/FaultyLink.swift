import NIOCore
import NIOPosix
import Synchronization

/// A proxy on loopback between a client and a server of this machine that is slow, breaks off, falls silent or lies as a test
/// tells it: each exchange by its own fault.
///
/// An exchange begins with the first bytes of a client after those of a server, so that it does not matter whether a client
/// keeps its connections. Nothing sleeps: what is held goes on when it is released.
public final class FaultyLink: Sendable {
    private struct State {
        /// Of exchanges to come, in order.
        var faults: [LinkFault] = []
        var usual = LinkFault.none
        /// What servers answered, by exchange.
        var answers: [[UInt8]] = []
        var connections: [ObjectIdentifier: LinkedConnection] = [:]
        var releases = 0
    }

    private let state = Mutex(State())
    private let (events, event) = AsyncStream<LinkEvent>.makeStream()
    let target: SocketAddress
    private let listening = Mutex<(any Channel)?>(nil)

    private init(to target: SocketAddress) { self.target = target }

    /// Runs a link to a server until `body` has ended.
    ///
    /// - Parameters:
    ///   - url: of the server: `http://127.0.0.1:PORT`.
    ///   - faults: of the first exchanges.
    public static func to<Result>(
        _ url: String, _ faults: LinkFault..., body: (FaultyLink) async throws -> Result
    ) async throws -> Result {
        let port = url.split(separator: ":").last.flatMap { Int($0) } ?? 0
        let link = FaultyLink(to: try SocketAddress(ipAddress: "127.0.0.1", port: port))
        link.next(faults)
        try await link.listen()
        do {
            let result = try await body(link)
            try await link.close()
            return result
        } catch {
            try await link.close()
            throw error
        }
    }

    /// Where clients find it.
    public var url: String { "http://127.0.0.1:\(listening.withLock { $0?.localAddress?.port } ?? 0)" }

    // MARK: What tests tell it

    /// The faults of the next exchanges, after those that were told before.
    public func next(_ faults: [LinkFault]) { state.withLock { $0.faults += faults } }

    /// The fault of every exchange that has none of its own.
    public func always(_ fault: LinkFault) { state.withLock { $0.usual = fault } }

    /// Lets so many held pieces go on, those to come included.
    public func release(_ count: Int = 1) {
        let connections = state.withLock { state in
            state.releases += count
            return Array(state.connections.values)
        }
        for connection in connections { connection.flush() }
    }

    // MARK: What tests ask

    /// Exchanges that have begun.
    public var exchanges: Int { state.withLock { $0.answers.count } }

    /// What the server answered in an exchange, from 0, before anything was done to it.
    public func answer(_ exchange: Int) -> [UInt8] { state.withLock { $0.answers[exchange] } }

    /// Returns when this has happened once more than it was waited for; what happened in between is forgotten.
    public func wait(for awaited: LinkEvent) async { for await event in events where event == awaited { return } }

    /// Calls `act` for each piece that is held, until the calling task is cancelled.
    public func whenHeld(_ act: () -> Void) async { for await event in events where event == .held { act() } }

    // MARK: For connections

    func begin() -> (exchange: Int, fault: LinkFault) {
        state.withLock { state in
            state.answers.append([])
            let fault = state.faults.isEmpty ? state.usual : state.faults.removeFirst()
            return (state.answers.count - 1, fault)
        }
    }

    func record(_ bytes: [UInt8], of exchange: Int) { state.withLock { $0.answers[exchange] += bytes } }

    func tell(_ happened: LinkEvent) { event.yield(happened) }

    /// Whether one more piece may go on.
    func takeRelease() -> Bool {
        state.withLock { state in
            guard state.releases > 0 else { return false }
            state.releases -= 1
            return true
        }
    }

    func keep(_ connection: LinkedConnection) {
        state.withLock { $0.connections[ObjectIdentifier(connection)] = connection }
    }

    func forget(_ connection: LinkedConnection) {
        state.withLock { $0.connections[ObjectIdentifier(connection)] = nil }
    }

    // MARK: Listening

    private func listen() async throws {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { client in
                client.eventLoop.makeCompletedFuture { try LinkedConnection.join(client, through: self) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        listening.withLock { $0 = server }
    }

    private func close() async throws {
        let connections = state.withLock { Array($0.connections.values) }
        for connection in connections { connection.end() }
        try await listening.withLock { $0 }?.close()
    }
}
