import NIOCore
import OpenAIWire
import Primitives

/// A stream of chat chunks, rewritten event by event for a client that asked in another form. A value; one an answer.
struct TranslatedStream: Sendable {
    private var writer: any AnswerWriter
    private var parser = SSEParser()

    init(_ writer: any AnswerWriter) { self.writer = writer }

    /// What goes to the client for a piece of the stream; perhaps nothing.
    mutating func translate(_ piece: ByteBuffer) throws(OpenAIError) -> ByteBuffer {
        var bytes = ByteBuffer()
        do {
            for event in try parser.consume(Bytes(buffer: piece)) {
                bytes.writeBytes(writer.events(for: try ChatCompletionEvent.parse(event)))
            }
        } catch {
            // The relay has read the same bytes and found them good.
            throw .internalError
        }
        return bytes
    }

    /// A whole answer.
    mutating func translate(whole body: ByteBuffer) throws(OpenAIError) -> ByteBuffer {
        do { return ByteBuffer(bytes: writer.body(of: try ChatCompletionResponse.parse(Bytes(buffer: body)))) } catch {
            throw .internalError
        }
    }
}
