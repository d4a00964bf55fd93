import NIOCore
import NIOPosix
import Synchronization

/// A client's connection and the server's that belongs to it, both on one event loop.
final class LinkedConnection: Sendable {
    private struct State {
        var script = AnswerScript(.none)
        var exchange: Int?
        /// Whether the last bytes came from the server.
        var isAnswering = true
        var isSilent = false
        var isEnded = false
        var server: (any Channel)?
        /// What came for the server before there was a connection.
        var early: [[UInt8]] = []
        var held: [AnswerScript.Action] = []
    }

    private let link: FaultyLink
    private let client: any Channel
    /// Everything happens on the event loop; the lock only lets the compiler see that it is safe.
    private let state = Mutex(State())

    private init(_ client: any Channel, _ link: FaultyLink) { (self.client, self.link) = (client, link) }

    /// Call it on the client's event loop.
    static func join(_ client: any Channel, through link: FaultyLink) throws {
        let connection = LinkedConnection(client, link)
        link.keep(connection)
        try client.pipeline.syncOperations.addHandler(
            Reader {
                connection.request($0)
            } onClose: {
                connection.close()
            })
        ClientBootstrap(group: client.eventLoop).channelInitializer { server in
            server.eventLoop.makeCompletedFuture {
                try server.pipeline.syncOperations.addHandler(
                    Reader {
                        connection.answer($0)
                    } onClose: {
                        connection.close()
                    })
            }
        }.connect(to: link.target).whenComplete { connection.connected($0) }
    }

    private func connected(_ result: Result<any Channel, any Error>) {
        guard case .success(let server) = result else { return end() }
        let (early, isEnded) = state.withLock { state in
            defer { state.early = [] }
            state.server = server
            return (state.early, state.isEnded)
        }
        for bytes in early { write(bytes, to: server) }
        if isEnded { server.close(promise: nil) }
    }

    // MARK: What comes

    private func request(_ bytes: [UInt8]) {
        let actions = state.withLock { state -> [AnswerScript.Action] in
            if state.isSilent || state.isEnded { return [] }
            if state.isAnswering {
                let (exchange, fault) = link.begin()
                (state.exchange, state.script, state.isAnswering) = (exchange, AnswerScript(fault), false)
            }
            return state.script.request(bytes)
        }
        for action in actions { act(action, towardsServer: true) }
    }

    private func answer(_ bytes: [UInt8]) {
        let actions = state.withLock { state -> [AnswerScript.Action] in
            if state.isSilent || state.isEnded { return [] }
            if let exchange = state.exchange { link.record(bytes, of: exchange) }
            state.isAnswering = true
            return state.script.answer(bytes)
        }
        for action in actions { act(action, towardsServer: false) }
    }

    /// One end has closed: so does the other, unless nothing goes on any more.
    private func close() { if !state.withLock({ $0.isSilent }) { end() } }

    // MARK: What is done

    private func act(_ action: AnswerScript.Action, towardsServer: Bool) {
        switch action {
        case .pass(let bytes) where bytes.isEmpty: break
        case .pass(let bytes) where towardsServer: passToServer(bytes)
        case .pass(let bytes): write(bytes, to: client)
        case .hold(let action):
            state.withLock { $0.held.append(action) }
            link.tell(.held)
            flush()
        case .cut:
            end()
            link.tell(.cut)
        case .fallSilent:
            state.withLock { $0.isSilent = true }
            link.tell(.silent)
        }
    }

    private func passToServer(_ bytes: [UInt8]) {
        let server = state.withLock { state in
            if state.server == nil { state.early.append(bytes) }
            return state.server
        }
        if let server { write(bytes, to: server) }
    }

    private func write(_ bytes: [UInt8], to channel: any Channel) {
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    /// Does what is held and released.
    func flush() {
        client.eventLoop.execute {
            while self.state.withLock({ !$0.held.isEmpty }), self.link.takeRelease() {
                self.act(self.state.withLock { $0.held.removeFirst() }, towardsServer: false)
            }
        }
    }

    /// Closes both ends, after what was written to them.
    func end() {
        let (server, isFirst) = state.withLock { state in
            defer { state.isEnded = true }
            return (state.server, !state.isEnded)
        }
        guard isFirst else { return }
        link.forget(self)
        for channel in [server, client].compactMap({ $0 }) {
            channel.writeAndFlush(ByteBuffer()).whenComplete { _ in channel.close(promise: nil) }
        }
    }
}

/// Tells what comes over one connection, and its end.
private final class Reader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let onRead: ([UInt8]) -> Void
    private let onClose: () -> Void

    init(_ onRead: @escaping ([UInt8]) -> Void, onClose: @escaping () -> Void) {
        (self.onRead, self.onClose) = (onRead, onClose)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { onRead([UInt8](buffer: unwrapInboundIn(data))) }

    func channelInactive(context: ChannelHandlerContext) { onClose() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
