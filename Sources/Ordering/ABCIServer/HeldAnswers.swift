import NIOCore
import SwiftProtobuf

/// Answers that wait for the node to flush, in the order of their requests.
struct HeldAnswers {
    private let limits: Limits
    private var buffer = ByteBuffer()
    private var count = 0

    init(limits: Limits) { self.limits = limits }

    var isEmpty: Bool { count == 0 }

    /// Whether no more should be held, flush or not.
    var isFull: Bool { count >= limits.answersHeldMax || buffer.readableBytes >= limits.answerBytesHeldMax }

    mutating func add(_ answer: ABCI_Response) throws {
        MessageEncoder.write(try answer.serializedBytes(), to: &buffer)
        count += 1
    }

    /// All that is held, as it goes over the wire.
    mutating func take() -> ByteBuffer {
        defer { (buffer, count) = (ByteBuffer(), 0) }
        return buffer
    }
}
