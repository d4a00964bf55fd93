import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import OpenAIWire

/// Answers a request that never got as far as a route: 431 for a header over its bounds, 408 for a head or body that came too
/// slowly. Then the connection is closed.
///
/// The server behind would answer a header over its bounds with a bare 400, as it does any other of the decoder's errors,
/// and knows nothing of `RequestDeadlines`. A refusal is an answer like any other: it is sent only where it is the next one
/// that the client waits for, and never in the middle of another; else the connection is closed without a word.
///
/// A connection that is closed while its client still sends is reset, and the client may lose the answer. So what it sends
/// is read and dropped until it has closed its side, or for a while.
final class EarlyRefusals: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let lingerDeadline: TimeAmount
    /// Requests whose answers have not ended, the one that is arriving included.
    private var openRequests = 0
    /// Whether a head has come whose body has not ended.
    private var isArriving = false
    private var isAnswering = false
    private var hasRefused = false

    init(_ limits: EdgeLimits) { lingerDeadline = limits.lingerDeadline }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if hasRefused { return }
        switch unwrapInboundIn(data) {
        case .head: (openRequests, isArriving) = (openRequests + 1, true)
        case .body: break
        case .end: isArriving = false
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !hasRefused else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(let head): isAnswering = head.status.kind != .informational
        case .body: break
        case .end: (openRequests, isAnswering) = (openRequests - 1, false)
        }
        context.write(data, promise: promise)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The decoder complains of everything that comes after its error.
        if hasRefused { return }
        switch error {
        case HTTPParserError.headerOverflow: refuse(.headersTooLarge, context)
        case is RequestDeadlines.Passed: refuse(.requestTimeout, context)
        default: context.fireErrorCaught(error)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if hasRefused, let event = event as? ChannelEvent, event == .inputClosed { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    private func refuse(_ refusal: OpenAIError, _ context: ChannelHandlerContext) {
        let isNext = !isAnswering && openRequests == (isArriving ? 1 : 0)
        hasRefused = true
        guard isNext else { return context.close(promise: nil) }
        let body = context.channel.allocator.buffer(bytes: refusal.encoded())
        let head = HTTPResponse(
            status: HTTPResponse.Status(code: refusal.status),
            headerFields: [
                .contentType: "application/json", .contentLength: "\(body.readableBytes)", .connection: "close",
            ])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
            channel.close(mode: .output, promise: nil)
        }
        context.eventLoop.scheduleTask(in: lingerDeadline) { channel.close(promise: nil) }
    }
}
