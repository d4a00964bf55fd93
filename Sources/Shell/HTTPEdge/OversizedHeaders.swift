import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import OpenAIWire

/// Refuses a request whose header fields are too many or too large with 431, and closes its connection.
///
/// The decoder gives up at such a header, and the server behind would answer any of its errors with a bare 400.
final class OversizedHeaders: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// Requests whose answers have not ended.
    private var openRequests = 0

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head = unwrapInboundIn(data) { openRequests += 1 }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { openRequests -= 1 }
        context.write(data, promise: promise)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard case .headerOverflow? = error as? HTTPParserError else { return context.fireErrorCaught(error) }
        // In the middle of another answer nothing can be said.
        guard openRequests == 0 else { return context.close(promise: nil) }
        let refusal = OpenAIError.headersTooLarge
        let body = context.channel.allocator.buffer(bytes: refusal.encoded())
        let head = HTTPResponse(
            status: HTTPResponse.Status(code: refusal.status),
            headerFields: [
                .contentType: "application/json", .contentLength: "\(body.readableBytes)", .connection: "close",
            ])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
    }
}
