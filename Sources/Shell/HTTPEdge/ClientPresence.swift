import NIOCore
import Synchronization

/// Notices that a client is gone while its request is worked on, and tells whoever wants to know.
///
/// A client that closes only its sending side counts as gone: it could not be told apart from one that is, before the first
/// write to it fails.
final class ClientPresence: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = NIOAny

    private struct State {
        var watches: [ObjectIdentifier: ClientWatch] = [:]
        var isGone = false
    }

    private let state = Mutex(State())

    /// By connection, so that a request finds its own without a turn of the event loop.
    private static let all = Mutex<[ObjectIdentifier: ClientPresence]>([:])

    /// That of an open connection; nil once it is closed.
    static func of(_ channel: any Channel) -> ClientPresence? { all.withLock { $0[ObjectIdentifier(channel)] } }

    func handlerAdded(context: ChannelHandlerContext) {
        Self.all.withLock { $0[ObjectIdentifier(context.channel)] = self }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        Self.all.withLock { $0[ObjectIdentifier(context.channel)] = nil }
    }

    /// Registers `watch`, which is called at most once: at once where the client is gone, else on the connection's event loop.
    func add(_ watch: ClientWatch) {
        let isGone = state.withLock { state in
            if !state.isGone { state.watches[ObjectIdentifier(watch)] = watch }
            return state.isGone
        }
        if isGone { watch.clientLeft() }
    }

    func remove(_ watch: ClientWatch) { state.withLock { $0.watches[ObjectIdentifier(watch)] = nil } }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { leave() }
        context.fireUserInboundEventTriggered(event)
    }

    private func leave() {
        let watches = state.withLock { state in
            defer { state = State(isGone: true) }
            return state.watches
        }
        for watch in watches.values { watch.clientLeft() }
    }
}

/// Hears once that a client left.
final class ClientWatch: Sendable {
    private let action: @Sendable () -> Void

    init(_ action: @escaping @Sendable () -> Void) { self.action = action }

    func clientLeft() { action() }
}

extension EdgeContext {
    /// Runs `operation`, and cancels it when the client leaves before it has ended.
    public func whileClientIsConnected<Value: Sendable>(
        _ operation: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let task = Task(operation: operation)
        return try await whenClientLeaves({ task.cancel() }) {
            try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                task.cancel()
            }
        }
    }

    /// Runs `operation`, and calls `action` at once, on the connection's event loop, if the client leaves before it has ended; where
    /// it has left already, before `operation`.
    public func whenClientLeaves<Value>(
        _ action: @escaping @Sendable () -> Void, during operation: () async throws -> Value
    ) async rethrows -> Value {
        let watch = ClientWatch(action)
        let presence = ClientPresence.of(channel)
        if let presence { presence.add(watch) } else { watch.clientLeft() }
        defer { presence?.remove(watch) }
        return try await operation()
    }
}
