import Cryptography
import Primitives

/// How one record lies in a log file:
///
///     BE32 payload length ‖ BE64 sequence ‖ payload check ‖ head check ‖ payload ‖ 0xB1
///
/// Each check is the first eight bytes of a SHA-256: of the payload, and of the twenty bytes before. The head has a check
/// of its own so that a changed length cannot pass for a file that was cut short. The last byte is there so that a record
/// whose end was never written (a file system may leave zeros) differs from a record that was changed.
package struct LogFrame: Equatable {
    package static let headLength = 28
    static let endMark: UInt8 = 0xB1
    private static let checkedHeadLength = 20

    /// Bytes of the payload.
    let length: Int
    /// From 0, one more for each record of the file.
    let sequence: UInt64
    private let payloadCheck: UInt64

    /// Bytes of the whole frame.
    var frameLength: UInt64 { UInt64(LogFrame.headLength + length + 1) }

    /// Reads a head, or nil where its check does not hold.
    init?(head: Bytes) {
        guard
            head.count == LogFrame.headLength,
            let sequence = UInt64(bigEndianBytes: head[4..<12]),
            let payloadCheck = UInt64(bigEndianBytes: head[12..<20]),
            let headCheck = UInt64(bigEndianBytes: head[20..<28]),
            headCheck == Hash32.sha256(head.prefix(LogFrame.checkedHeadLength)).firstWord
        else { return nil }
        length = head.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        self.sequence = sequence
        self.payloadCheck = payloadCheck
    }

    /// Whether `payload` is the one that was written.
    func matches(_ payload: Bytes) -> Bool {
        payload.count == length && Hash32.sha256(payload).firstWord == payloadCheck
    }

    /// Writes the whole frame around `payload`.
    ///
    /// - Precondition: the payload's length fits 32 bits; `FrameLog` holds it below its own bound.
    package static func append(_ payload: Bytes, sequence: UInt64, to bytes: inout Bytes) {
        var head = Bytes()
        head.reserveCapacity(headLength)
        head.appendBigEndian(UInt32(payload.count))
        head.appendBigEndian(sequence)
        head.appendBigEndian(Hash32.sha256(payload).firstWord)
        head.appendBigEndian(Hash32.sha256(head).firstWord)
        bytes.append(contentsOf: head)
        bytes.append(contentsOf: payload)
        bytes.append(endMark)
    }
}
