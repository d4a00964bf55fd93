import NIOCore

/// Notices that a client is gone while its request is worked on, and tells whoever wants to know.
///
/// A client that closes only its sending side counts as gone: it could not be told apart from one that is, before the first
/// write to it fails.
final class ClientPresence: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private var watches: [ObjectIdentifier: ClientWatch] = [:]
    private var isGone = false

    /// Registers `watch`; the connection's event loop calls it at most once. Only on that event loop.
    func add(_ watch: ClientWatch) {
        if isGone { return watch.clientLeft() }
        watches[ObjectIdentifier(watch)] = watch
    }

    /// Only on the connection's event loop.
    func remove(_ watch: ClientWatch) { watches[ObjectIdentifier(watch)] = nil }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { leave() }
        context.fireUserInboundEventTriggered(event)
    }

    private func leave() {
        isGone = true
        let all = watches
        watches = [:]
        for watch in all.values { watch.clientLeft() }
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

    /// Runs `operation`, and calls `action` at once, on the connection's event loop, if the client leaves before it has ended.
    ///
    /// Waits for nothing but the operation: the event loop learns of it on the side.
    public func whenClientLeaves<Value>(
        _ action: @escaping @Sendable () -> Void, during operation: () async throws -> Value
    ) async rethrows -> Value {
        let watch = ClientWatch(action)
        let channel = channel
        channel.eventLoop.execute {
            guard let presence = Self.presence(of: channel) else { return watch.clientLeft() }
            presence.add(watch)
        }
        defer { channel.eventLoop.execute { Self.presence(of: channel)?.remove(watch) } }
        return try await operation()
    }

    /// The connection's handler; nil once the connection is closed.
    private static func presence(of channel: any Channel) -> ClientPresence? {
        try? channel.pipeline.syncOperations.handler(type: ClientPresence.self)
    }
}
