import Primitives
import WireFormat

/// What a block file is made of: `gonkablk` ‖ BE32 format, then one frame for the genesis and one for each block.
package enum BlockFileFormat {
    static let version: UInt32 = 1
    package static let preamble: Bytes = {
        var bytes = Bytes("gonkablk".utf8)
        bytes.appendBigEndian(version)
        return bytes
    }()

    /// Bytes of zeros looked at in one read.
    private static let chunkLength = 64 << 10

    /// Checks how a file begins.
    ///
    /// - Returns: false where the file ends within a preamble that is right so far.
    static func checkPreamble(of storage: any LogStorage) throws(BlockLogError) -> Bool {
        let found = try read(storage, at: 0, count: preamble.count)
        let magicLength = preamble.count - 4
        guard found.prefix(magicLength) == preamble.prefix(min(found.count, magicLength)) else { throw .notABlockFile }
        if found.count < preamble.count { return false }
        let format = found.suffix(4).reduce(0) { $0 << 8 | UInt32($1) }
        if format != version { throw .unknownFormat(found: format, known: version) }
        return true
    }

    /// Reads the frame that begins at `offset` of a file with `end` bytes.
    ///
    /// - Returns: its payload and where the next frame begins, or nil where the file ends before the frame does: bytes are
    ///   missing, or were never written and read as zeros.
    /// - Throws: `.damaged` for anything that is neither whole nor unfinished.
    static func readFrame(
        of storage: any LogStorage, at offset: UInt64, end: UInt64, sequence: UInt64
    ) throws(BlockLogError) -> (payload: Bytes, next: UInt64)? {
        if end - offset < UInt64(LogFrame.headLength) { return nil }
        let damaged = BlockLogError.damaged(offset: offset, expectedHeight: sequence)
        guard let frame = LogFrame(head: try read(storage, at: offset, count: LogFrame.headLength)) else {
            if try isUnwritten(storage, from: offset, to: end) { return nil }
            throw damaged
        }
        if frame.sequence != sequence { throw .unexpectedHeight(found: frame.sequence, expected: sequence) }
        if frame.length > Limits.recordBytesMax { throw .recordTooLarge(height: sequence, bytes: frame.length) }
        let next = offset + frame.frameLength
        if next > end { return nil }
        var payload = try read(storage, at: offset + UInt64(LogFrame.headLength), count: frame.length + 1)
        let mark = payload.popLast()
        if mark == 0 && next == end { return nil }
        guard mark == LogFrame.endMark, frame.matches(payload) else { throw damaged }
        return (payload, next)
    }

    /// The genesis that the payload of frame 0 holds.
    static func decodeGenesis(_ payload: Bytes) throws(BlockLogError) -> GenesisRecord {
        do throws(WireError) { return try .decode(payload) } catch { throw .undecodable(height: 0, error) }
    }

    /// The block that the payload of frame `height` holds, which must follow `parentHash` where that is given.
    static func decodeBlock(
        _ payload: Bytes, height: UInt64, parentHash: Hash32? = nil
    ) throws(BlockLogError) -> BlockRecord {
        let record: BlockRecord
        do throws(WireError) { record = try .decode(payload) } catch { throw .undecodable(height: height, error) }
        if record.height != height { throw .unexpectedHeight(found: record.height, expected: height) }
        if let parentHash, record.parentHash != parentHash {
            throw .wrongParent(height: height, found: record.parentHash, expected: parentHash)
        }
        return record
    }

    private static func isUnwritten(
        _ storage: any LogStorage, from offset: UInt64, to end: UInt64
    ) throws(BlockLogError) -> Bool {
        var position = offset
        while position < end {
            let chunk = try read(storage, at: position, count: min(chunkLength, Int(end - position)))
            if chunk.isEmpty { break }
            if chunk.contains(where: { $0 != 0 }) { return false }
            position += UInt64(chunk.count)
        }
        return true
    }

    private static func read(
        _ storage: any LogStorage, at offset: UInt64, count: Int
    ) throws(BlockLogError) -> Bytes {
        do throws(SystemCallError) { return try storage.read(at: offset, count: count) } catch { throw .storage(error) }
    }
}
