import NIOCore
import NIOPosix
import Primitives
import SwiftProtobuf
import Testing

@testable import ABCIServer

/// One connection as a consensus node holds it: requests go out without waiting, answers come back in order.
final class SocketNode: Sendable {
    private let channel: any Channel
    private let answers: AsyncStream<ByteBuffer>

    private init(_ channel: any Channel, _ answers: AsyncStream<ByteBuffer>) {
        (self.channel, self.answers) = (channel, answers)
    }

    static func connect(to address: ABCIAddress) async throws -> SocketNode {
        let (answers, answer) = AsyncStream<ByteBuffer>.makeStream()
        let bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandlers(
                    ByteToMessageHandler(MessageDecoder(bytesMax: 1 << 24)), Reader(answer))
            }
        }
        let channel =
            switch address {
            case .unix(let path): try await bootstrap.connect(unixDomainSocketPath: path).get()
            case .tcp(let host, let port): try await bootstrap.connect(host: host, port: port).get()
            }
        return SocketNode(channel, answers)
    }

    func send(_ requests: ABCI_Request...) async throws {
        var buffer = ByteBuffer()
        for request in requests { MessageEncoder.write(try request.serializedBytes(), to: &buffer) }
        try await channel.writeAndFlush(buffer)
    }

    func send(raw bytes: Bytes) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }

    /// The next answers.
    func take(_ count: Int) async throws -> [ABCI_Response] {
        var taken: [ABCI_Response] = []
        for await answer in answers {
            taken.append(try ABCI_Response(serializedBytes: Array(answer.readableBytesView)))
            if taken.count == count { break }
        }
        return taken
    }

    /// Asks and flushes.
    func ask(_ request: ABCI_Request) async throws -> ABCI_Response {
        try await send(request, .with { $0.flush = ABCI_RequestFlush() })
        return try #require(try await take(2).first)
    }

    func close() async throws { try await channel.close() }

    private final class Reader: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        private let answer: AsyncStream<ByteBuffer>.Continuation

        init(_ answer: AsyncStream<ByteBuffer>.Continuation) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { answer.yield(unwrapInboundIn(data)) }
        func channelInactive(context: ChannelHandlerContext) { answer.finish() }
    }
}
