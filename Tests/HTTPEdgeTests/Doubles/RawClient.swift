import NIOCore
import NIOPosix

/// A client that sends what no well-behaved library would, byte for byte.
struct RawClient: Sendable {
    let port: Int

    /// Opens a connection, sends `request` and gives all that comes until the server closes its side.
    func exchange(_ request: String) async throws -> String {
        try await connected { inbound, outbound in
            try await outbound.write(ByteBuffer(string: request))
            return try await Self.rest(of: &inbound)
        }
    }

    /// Opens a connection for as long as `body` runs.
    func connected<Value: Sendable>(
        _ body: (inout Inbound, NIOAsyncChannelOutboundWriter<ByteBuffer>) async throws -> Value
    ) async throws -> Value {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var iterator = inbound.makeAsyncIterator()
            return try await body(&iterator, outbound)
        }
    }

    typealias Inbound = NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator

    /// What comes until the server closes its side.
    static func rest(of inbound: inout Inbound) async throws -> String {
        var received = ByteBuffer()
        while var piece = try await inbound.next() { received.writeBuffer(&piece) }
        return String(buffer: received)
    }

    /// What comes until `text` has come.
    static func read(until text: String, of inbound: inout Inbound) async throws -> String {
        var received = ByteBuffer()
        while !String(buffer: received).contains(text), var piece = try await inbound.next() {
            received.writeBuffer(&piece)
        }
        return String(buffer: received)
    }
}
