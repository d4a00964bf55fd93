import NIOCore
import NIOPosix
import Testing

@testable import FaultyLink

/// The link between sockets: a server that answers each line with itself, and a client that reads to the end.
@Suite("A faulty link between sockets", .timeLimit(.minutes(1))) struct FaultyLinkTests {
    /// Sends back what comes.
    private final class Echo: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { context.writeAndFlush(data, promise: nil) }
    }

    /// What comes over one connection to a link, as it comes.
    private final class Client: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        let (pieces, piece) = AsyncStream<String>.makeStream()

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            piece.yield(String(buffer: unwrapInboundIn(data)))
        }

        func channelInactive(context: ChannelHandlerContext) { piece.finish() }

        func read(_ count: Int) async -> String {
            var text = ""
            if count == 0 { return text }
            for await piece in pieces {
                text += piece
                if text.utf8.count >= count { break }
            }
            return text
        }
    }

    private static func linked(
        _ faults: [LinkFault], _ body: (FaultyLink, Client, any Channel) async throws -> Void
    ) async throws {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Echo()) }
            }.bind(host: "127.0.0.1", port: 0).get()
        try await FaultyLink.to("http://127.0.0.1:\(server.localAddress?.port ?? 0)") { link in
            link.next(faults)
            let client = Client()
            let port = link.url.split(separator: ":").last.flatMap { Int($0) } ?? 0
            let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(client) }
                }.connect(host: "127.0.0.1", port: port).get()
            try await body(link, client, channel)
        }
        try await server.close()
    }

    private static func send(_ text: String, _ channel: any Channel) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text)).get()
    }

    @Test("Each exchange has its own fault, also where the connection is kept, and what servers answered is remembered")
    func exchanges() async throws {
        try await Self.linked([.none, .replaces("b", with: "x"), .none]) { link, client, channel in
            for (sent, expected) in [("abc", "abc"), ("abc", "axc"), ("bbb", "bbb")] {
                try await Self.send(sent, channel)
                #expect(await client.read(3) == expected)
            }
            #expect(link.exchanges == 3)
            #expect(link.answer(1) == Array("abc".utf8))
            link.next([.replays(link.answer(0))])
            try await Self.send("later", channel)
            #expect(await client.read(100) == "abc", "and then the connection ended")
        }
    }

    @Test("A cut delivers what lies before it and closes; a black hole closes nothing")
    func ends() async throws {
        try await Self.linked([.cutsAnswer(.byte(2))]) { link, client, channel in
            try await Self.send("abcd", channel)
            await link.wait(for: .cut)
            #expect(await client.read(100) == "ab")
        }
        try await Self.linked([.silences(.byte(2))]) { link, client, channel in
            try await Self.send("abcd", channel)
            await link.wait(for: .silent)
            #expect(await client.read(2) == "ab")
            #expect(channel.isActive)
        }
    }

    @Test("What is held goes on piece by piece when it is released")
    func holding() async throws {
        try await Self.linked([.holds(piecesOf: 2)]) { link, client, channel in
            try await Self.send("abcd", channel)
            await link.wait(for: .held)
            link.release()
            #expect(await client.read(2) == "ab")
            link.release()
            #expect(await client.read(2) == "cd")
        }
    }

    @Test("A request that is cut does not reach the server whole")
    func requests() async throws {
        try await Self.linked([.cutsRequest(after: 2)]) { link, client, channel in
            try await Self.send("abcd", channel)
            await link.wait(for: .cut)
            #expect(await client.read(100) == "")
            #expect(link.answer(0).count <= 2)
        }
    }
}
