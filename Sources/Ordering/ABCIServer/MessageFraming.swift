import NIOCore

/// The socket's framing: each message is its length as an unsigned LEB128 number, and then as many bytes.
struct MessageDecoder: NIOSingleStepByteToMessageDecoder {
    typealias InboundOut = ByteBuffer

    /// 2³¹ takes five bytes; a sixth could only make the number larger.
    private static let lengthBytesMax = 5

    let bytesMax: Int

    mutating func decode(buffer: inout ByteBuffer) throws(FramingFault) -> ByteBuffer? {
        guard let prefix = try Self.length(in: buffer.readableBytesView) else { return nil }
        guard prefix.length <= bytesMax else { throw .tooLong(bytes: prefix.length, most: bytesMax) }
        guard buffer.readableBytes >= prefix.size + prefix.length else { return nil }
        buffer.moveReaderIndex(forwardBy: prefix.size)
        return buffer.readSlice(length: prefix.length)
    }

    /// The end of the stream.
    mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws(FramingFault) -> ByteBuffer? {
        if let message = try decode(buffer: &buffer) { return message }
        guard buffer.readableBytes == 0 else { throw .cutShort }
        return nil
    }

    /// - Returns: nil where the number has not ended yet.
    private static func length(in bytes: ByteBufferView) throws(FramingFault) -> (length: Int, size: Int)? {
        var length = 0
        for (index, byte) in bytes.prefix(lengthBytesMax).enumerated() {
            length |= Int(byte & 0x7f) << (7 * index)
            if byte < 0x80 { return (length, index + 1) }
        }
        guard bytes.count < lengthBytesMax else { throw .malformedLength }
        return nil
    }
}

/// Writes what `MessageDecoder` reads.
enum MessageEncoder {
    static func write(_ message: [UInt8], to buffer: inout ByteBuffer) {
        var rest = UInt64(message.count)
        while rest >= 0x80 {
            buffer.writeInteger(UInt8(rest & 0x7f) | 0x80)
            rest >>= 7
        }
        buffer.writeInteger(UInt8(rest))
        buffer.writeBytes(message)
    }
}

/// Why the bytes of a connection are no messages.
enum FramingFault: Error, Equatable, CustomStringConvertible {
    case malformedLength
    case tooLong(bytes: Int, most: Int)
    case cutShort

    var description: String {
        switch self {
        case .malformedLength: "a length of more than five bytes"
        case .tooLong(let bytes, let most): "a message of \(bytes) bytes, and \(most) is the most"
        case .cutShort: "the stream ended within a message"
        }
    }
}
