import NIOCore

/// Sends together what is written of a request within one turn of the event loop: each sending is a call of the system, and the client sends a head, a body and an end apart.
final class JointSending: ChannelOutboundHandler {
    typealias OutboundIn = NIOAny

    private var isDue = false

    func flush(context: ChannelHandlerContext) {
        if isDue { return }
        isDue = true
        context.eventLoop.assumeIsolated().execute { self.send(context) }
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        send(context)
        context.close(mode: mode, promise: promise)
    }

    func handlerRemoved(context: ChannelHandlerContext) { isDue = false }

    private func send(_ context: ChannelHandlerContext) {
        guard isDue else { return }
        isDue = false
        context.flush()
    }
}
