import Primitives

/// Reads a file of framed records from its beginning, one at a time: memory holds one record, however long the file is.
///
/// Changes nothing, so the file may be one that another process is writing: records written after the opening are not seen.
package struct FrameReader {
    let file: FrameFile
    /// Bytes in the file at the opening.
    private let end: UInt64
    /// Where the next frame begins; 0 where the file ends before its preamble does.
    package private(set) var position: UInt64
    /// Records read so far.
    package private(set) var count: UInt64 = 0

    /// Bytes after the last record read: 0 at the end, unless the last record was cut short.
    package var unreadBytes: UInt64 { end - position }

    /// Checks how the file begins.
    ///
    /// - Throws: `.otherKind`, `.unknownVersion`, `.storage`.
    package init(storage: any LogStorage, format: FrameLog.Format) throws(FrameLogError) {
        file = FrameFile(storage: storage, format: format)
        end = try file.size()
        let start = UInt64(format.preamble.count)
        // A file that grows just now may show a preamble that was not there when its size was read.
        position = try file.checkPreamble() && start <= end ? start : 0
    }

    /// The next record, or nil where no whole one follows.
    ///
    /// - Throws: `.damaged`, `.outOfPlace`, `.recordTooLarge` for what is not as it was written; `.storage`.
    package mutating func next() throws(FrameLogError) -> Bytes? {
        guard position > 0, let frame = try file.frame(at: position, end: end, sequence: count) else { return nil }
        position = frame.next
        count += 1
        return frame.payload
    }
}
