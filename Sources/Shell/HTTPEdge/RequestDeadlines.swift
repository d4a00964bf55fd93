import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Gives a client so long to send a request and to take an answer: being slow costs the client its connection, not the
/// server a place.
///
/// A request that is late is an error for the handlers behind (`EarlyRefusals` answers it); an answer that is not taken
/// closes the connection.
final class RequestDeadlines: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart

    /// A head or a body did not arrive in time.
    struct Passed: Error {}

    private let headerDeadline: TimeAmount
    private let bodyDeadline: TimeAmount
    private let stallDeadline: TimeAmount
    private var timer: Scheduled<Void>?
    private var stallTimer: Scheduled<Void>?

    init(_ limits: EdgeLimits) {
        headerDeadline = limits.headerDeadline
        bodyDeadline = limits.bodyDeadline
        stallDeadline = limits.stallDeadline
    }

    func handlerAdded(context: ChannelHandlerContext) { expectMore(within: headerDeadline, context) }

    func handlerRemoved(context: ChannelHandlerContext) { stop() }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stallTimer?.cancel()
        if !context.channel.isWritable {
            let channel = context.channel
            stallTimer = context.eventLoop.scheduleTask(in: stallDeadline) { channel.close(promise: nil) }
        }
        context.fireChannelWritabilityChanged()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: expectMore(within: bodyDeadline, context)
        case .body: break
        case .end: timer?.cancel()
        }
        context.fireChannelRead(data)
    }

    private func expectMore(within deadline: TimeAmount, _ context: ChannelHandlerContext) {
        timer?.cancel()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: deadline) { context.fireErrorCaught(Passed()) }
    }

    private func stop() {
        timer?.cancel()
        stallTimer?.cancel()
    }
}
