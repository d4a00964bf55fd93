import NIOCore
import Primitives
import SwiftProtobuf
import Testing

@testable import ABCIServer

@Suite struct FramingTests {
    private static func decode(_ bytes: Bytes, inPiecesOf size: Int, bytesMax: Int = 1 << 20) throws -> [Bytes] {
        var decoder = MessageDecoder(bytesMax: bytesMax)
        var buffer = ByteBuffer()
        var messages: [Bytes] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            buffer.writeBytes(bytes[start..<min(start + size, bytes.count)])
            while let message = try decoder.decode(buffer: &buffer) {
                messages.append(Bytes(message.readableBytesView))
            }
        }
        while let message = try decoder.decodeLast(buffer: &buffer, seenEOF: true) {
            messages.append(Bytes(message.readableBytesView))
        }
        return messages
    }

    @Test(arguments: [0, 1, 127, 128, 300, 16_383, 16_384, 100_000], [1, 7, 1 << 20])
    func aMessageComesBackHoweverItArrives(length: Int, piece: Int) throws {
        let messages = [Bytes(repeating: 5, count: length), [1], Bytes(repeating: 9, count: length)]
        var buffer = ByteBuffer()
        for message in messages { MessageEncoder.write(message, to: &buffer) }
        #expect(try Self.decode(Bytes(buffer.readableBytesView), inPiecesOf: piece) == messages)
    }

    @Test(
        arguments: [
            (Bytes([0xff, 0xff, 0xff, 0xff, 0xff, 0x01]), FramingFault.malformedLength),
            (Bytes([0x81, 0x80, 0x40]), .tooLong(bytes: 1_048_577, most: 1 << 20)),
            (Bytes([0x05, 1, 2]), .cutShort), (Bytes([0x80]), .cutShort),
        ])
    func whatIsNoMessageEndsTheConnection(bytes: Bytes, fault: FramingFault) {
        for piece in [1, 100] {
            #expect(throws: fault) { try Self.decode(bytes, inPiecesOf: piece) }
        }
    }

    /// Also those that a length of more than one byte stands before: 41 of them in a row, up to 17 kB each.
    @Test(arguments: Transcript.names) func everyFrameOfARealNodeIsReadAndWrittenByteForByte(name: String) throws {
        let transcript = try Transcript(name)
        #expect(!transcript.frames.isEmpty)
        for frame in transcript.frames {
            guard let bytes = frame.bytes else { continue }
            let message = try #require(try Self.decode(bytes, inPiecesOf: 1_000).first)
            let written: [UInt8]
            if frame.isRequest {
                let request = try ABCI_Request(serializedBytes: message)
                #expect(request.value != nil && request.unknownFields.data.isEmpty)
                written = try request.serializedBytes()
            } else {
                let response = try ABCI_Response(serializedBytes: message)
                #expect(response.value != nil && response.unknownFields.data.isEmpty)
                written = try response.serializedBytes()
            }
            var buffer = ByteBuffer()
            MessageEncoder.write(written, to: &buffer)
            #expect(Bytes(buffer.readableBytesView) == bytes)
        }
    }
}
