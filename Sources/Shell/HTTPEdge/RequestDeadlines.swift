import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Closes a connection whose client takes too long to send a request or to take an answer: being slow costs the client its
/// connection, not the server a place.
final class RequestDeadlines: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart

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

    func handlerAdded(context: ChannelHandlerContext) { closeUnlessFed(within: headerDeadline, context) }

    func handlerRemoved(context: ChannelHandlerContext) { stop() }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stallTimer?.cancel()
        if !context.channel.isWritable { stallTimer = close(context, in: stallDeadline) }
        context.fireChannelWritabilityChanged()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: closeUnlessFed(within: bodyDeadline, context)
        case .body: break
        case .end: timer?.cancel()
        }
        context.fireChannelRead(data)
    }

    private func closeUnlessFed(within deadline: TimeAmount, _ context: ChannelHandlerContext) {
        timer?.cancel()
        timer = close(context, in: deadline)
    }

    private func close(_ context: ChannelHandlerContext, in deadline: TimeAmount) -> Scheduled<Void> {
        let channel = context.channel
        return context.eventLoop.scheduleTask(in: deadline) { channel.close(promise: nil) }
    }

    private func stop() {
        timer?.cancel()
        stallTimer?.cancel()
    }
}
