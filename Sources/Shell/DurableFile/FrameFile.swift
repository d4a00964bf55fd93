import Primitives

/// Reads single frames of a file, and tells whole records from unfinished and from damaged ones.
struct FrameFile: Sendable {
    let storage: any LogStorage
    let format: FrameLog.Format

    /// Bytes of zeros looked at in one read.
    private static let chunkLength = 64 << 10

    func size() throws(FrameLogError) -> UInt64 {
        do throws(SystemCallError) { return try storage.size() } catch { throw .storage(error) }
    }

    /// Checks how the file begins.
    ///
    /// - Returns: false where the file ends within a preamble that is right so far.
    func checkPreamble() throws(FrameLogError) -> Bool {
        let preamble = format.preamble
        let found = try read(at: 0, count: preamble.count)
        let magic = format.magic
        guard found.prefix(magic.count) == magic.prefix(found.count) else { throw .otherKind }
        if found.count < preamble.count { return false }
        let version = found.suffix(4).reduce(0) { $0 << 8 | UInt32($1) }
        if version != format.version { throw .unknownVersion(found: version, known: format.version) }
        return true
    }

    /// Reads the frame that begins at `offset` of a file with `end` bytes.
    ///
    /// - Parameter sequence: what the frame must say of itself; nil takes any.
    /// - Returns: its payload and where the next frame begins, or nil where the file ends before the frame does: bytes are
    ///   missing, or were never written and read as zeros.
    /// - Throws: `.damaged` for anything that is neither whole nor unfinished, `.outOfPlace` for another whole record.
    func frame(
        at offset: UInt64, end: UInt64, sequence: UInt64?
    ) throws(FrameLogError) -> (payload: Bytes, next: UInt64)? {
        if end < offset + UInt64(LogFrame.headLength) { return nil }
        guard let frame = LogFrame(head: try read(at: offset, count: LogFrame.headLength)) else {
            if try isUnwritten(from: offset, to: end) { return nil }
            throw .damaged(offset: offset)
        }
        if let sequence, frame.sequence != sequence { throw .outOfPlace(found: frame.sequence, expected: sequence) }
        if frame.length > format.recordBytesMax { throw .recordTooLarge(bytes: frame.length) }
        let next = offset + frame.frameLength
        if next > end { return nil }
        var payload = try read(at: offset + UInt64(LogFrame.headLength), count: frame.length + 1)
        let mark = payload.popLast()
        if mark == 0 && next == end { return nil }
        guard mark == LogFrame.endMark, frame.matches(payload) else { throw .damaged(offset: offset) }
        return (payload, next)
    }

    private func isUnwritten(from offset: UInt64, to end: UInt64) throws(FrameLogError) -> Bool {
        var position = offset
        while position < end {
            let chunk = try read(at: position, count: min(FrameFile.chunkLength, Int(end - position)))
            if chunk.isEmpty { break }
            if chunk.contains(where: { $0 != 0 }) { return false }
            position += UInt64(chunk.count)
        }
        return true
    }

    private func read(at offset: UInt64, count: Int) throws(FrameLogError) -> Bytes {
        do throws(SystemCallError) { return try storage.read(at: offset, count: count) } catch { throw .storage(error) }
    }
}
