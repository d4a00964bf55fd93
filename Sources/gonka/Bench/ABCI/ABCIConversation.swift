import NIOCore
import NIOPosix
import Primitives
import WireFormat

/// One of CometBFT's connections to its application, from CometBFT's side: requests go out without waiting, answers come back in
/// order.
struct ABCIConversation {
    typealias Channel = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var pieces: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var received = ByteBuffer()

    private init(
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        pieces: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    ) {
        self.outbound = outbound
        self.pieces = pieces
    }

    /// Connects to a socket of this machine and talks for as long as `body` runs.
    static func with<Result: Sendable>(
        path: String, _ body: @Sendable (inout ABCIConversation) async throws -> Result
    ) async throws -> Result {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(unixDomainSocketPath: path) { channel in
                channel.eventLoop.makeCompletedFuture { try Channel(wrappingChannelSynchronously: channel) }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var conversation = ABCIConversation(outbound: outbound, pieces: inbound.makeAsyncIterator())
            return try await body(&conversation)
        }
    }

    /// Sends requests, a flush after them, and waits for all answers.
    ///
    /// - Returns: the answers' contents, in the order of their requests, without the flush's.
    mutating func exchange(_ requests: [ABCICall]) async throws -> [Bytes] {
        var buffer = ByteBuffer()
        for request in requests + [.flush] {
            buffer.writeBytes(ProtobufEncoder.varint(UInt64(request.bytes.count)))
            buffer.writeBytes(request.bytes)
        }
        try await outbound.write(buffer)
        var answers: [Bytes] = []
        for request in requests + [.flush] {
            let fields = try ABCIFields(try await message())
            guard let content = fields.content(request.answer) else {
                throw OperatorError("the application answered \(fields.numbers) and not \(request.answer).")
            }
            answers.append(content)
        }
        return answers.dropLast()
    }

    private mutating func message() async throws -> Bytes {
        while true {
            if let length = received.peekLength(), received.readableBytes >= length.prefix + length.count {
                received.moveReaderIndex(forwardBy: length.prefix)
                return received.readBytes(length: length.count) ?? []
            }
            guard var piece = try await pieces.next() else { throw OperatorError("the application hung up.") }
            received.discardReadBytes()
            received.writeBuffer(&piece)
        }
    }
}

extension ByteBuffer {
    /// The varint at the front: its own length and its value, once all of it is there.
    fileprivate func peekLength() -> (prefix: Int, count: Int)? {
        var (count, shift) = (0, 0)
        for (index, byte) in readableBytesView.prefix(9).enumerated() {
            count |= Int(byte & 0x7f) << shift
            if byte < 0x80 { return (index + 1, count) }
            shift += 7
        }
        return nil
    }
}

/// The fields of a protobuf message, read without knowing it.
struct ABCIFields {
    private var contents: [(number: UInt64, content: Bytes)] = []
    private var values: [UInt64: UInt64] = [:]

    init(_ bytes: Bytes) throws {
        var position = 0
        while position < bytes.count {
            let tag = try Self.varint(bytes, &position)
            let value = try Self.varint(bytes, &position)
            guard tag & 7 == 2 else {
                values[tag >> 3] = value
                continue
            }
            guard let length = Int(exactly: value), length <= bytes.count - position else {
                throw OperatorError("the application's answer is cut.")
            }
            contents.append((tag >> 3, Bytes(bytes[position..<position + length])))
            position += length
        }
    }

    var numbers: [UInt64] { contents.map(\.number) }

    func value(_ number: UInt64) -> UInt64 { values[number] ?? 0 }

    func content(_ number: UInt64) -> Bytes? { contents.first { $0.number == number }?.content }

    func all(_ number: UInt64) -> [Bytes] { contents.filter { $0.number == number }.map(\.content) }

    private static func varint(_ bytes: Bytes, _ position: inout Int) throws -> UInt64 {
        var (value, shift): (UInt64, UInt64) = (0, 0)
        while position < bytes.count, shift < 64 {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw OperatorError("the application's answer is no protobuf.")
    }
}
