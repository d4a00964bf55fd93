import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A node on a real socket that answers every request with the same words, or closes the connection instead.
enum ScriptedNode {
    enum Reply: Sendable {
        case answer(String, status: HTTPResponseStatus = .ok)
        /// Another one for each method.
        case answers([String: String])
        /// Several for each method, one after the other; the last one again and again.
        case turns([String: [String]])
        /// The whole request is read, and then the connection ends.
        case hangUp
    }

    /// Runs a node until `body` has ended, which gets its URL.
    static func run<Result>(_ reply: Reply, _ body: (String) async throws -> Result) async throws -> Result {
        let turns = Turns()
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Responder(reply, turns))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            let result = try await body("http://127.0.0.1:\(server.localAddress?.port ?? 0)")
            try await server.close()
            return result
        } catch {
            try await server.close()
            throw error
        }
    }

    /// How often each method was called, on any connection.
    private final class Turns: Sendable {
        private let counts = Mutex<[String: Int]>([:])

        func next(_ method: String) -> Int {
            counts.withLock { counts in
                defer { counts[method, default: 0] += 1 }
                return counts[method, default: 0]
            }
        }
    }

    private final class Responder: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let reply: Reply
        private let turns: Turns
        private var request = ""

        init(_ reply: Reply, _ turns: Turns) { (self.reply, self.turns) = (reply, turns) }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head: request = ""
            case .body(let piece): request += String(buffer: piece)
            case .end: answer(context)
            }
        }

        private func answer(_ context: ChannelHandlerContext) {
            let (text, status): (String, HTTPResponseStatus)
            switch reply {
            case .answer(let words, let code): (text, status) = (words, code)
            case .answers(let words):
                (text, status) = (words.first { request.contains("\"\($0.key)\"") }?.value ?? "", .ok)
            case .turns(let words):
                let method = words.first { request.contains("\"\($0.key)\"") }
                text = method.map { $0.value[min(turns.next($0.key), $0.value.count - 1)] } ?? ""
                status = .ok
            case .hangUp: return context.close(promise: nil)
            }
            let body = context.channel.allocator.buffer(string: text)
            let headers: HTTPHeaders = ["content-type": "application/json", "content-length": "\(body.readableBytes)"]
            let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
