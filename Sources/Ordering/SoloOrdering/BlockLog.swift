import DurableFile
import Logging
import OrderingAPI
import Primitives
import WireFormat

/// The block file of a running node: every block is in it, durably, before anybody hears of it.
///
/// One record is one write and one sync. A write or sync that fails is final (`FrameLog`).
package struct BlockLog {
    /// What the chain was started with.
    package let genesis: InitChainRequest
    private var frames: FrameLog
    /// Where the frame of each block begins; the first is that of height 1. Eight bytes of memory a block.
    private var offsets: [UInt64] = []

    /// The height of the last block; 0 where there is none.
    package var height: UInt64 { UInt64(offsets.count) }

    /// Opens or creates the file at `path` and holds it until the log goes.
    ///
    /// - Throws: `.busy` where another node holds it, and all that `init(storage:genesis:logger:)` throws.
    package init(path: String, genesis: InitChainRequest, logger: Logger) throws(BlockLogError) {
        try self.init(storage: try BlockLog.hold(path), genesis: genesis, logger: logger)
    }

    /// Reads the whole file once. A last record that was cut short is taken off, with a line in the log: nobody was told
    /// of that block. Anything else that is not as it was written throws, and the file is left alone.
    package init(storage: any LogStorage, genesis: InitChainRequest, logger: Logger) throws(BlockLogError) {
        self.genesis = genesis
        var beginning = try BlockFileReader.frames(of: storage)
        guard let found = try BlockFileReader.genesis(in: &beginning) else {
            frames = try BlockLog.goOn(after: beginning)
            _ = try BlockLog.append(GenesisRecord(genesis).encoded(), at: 0, to: &frames)
            return
        }
        guard found == genesis else { throw .otherGenesis(found: found.chainID, expected: genesis.chainID) }
        var reader = BlockFileReader(found, beginning)
        var offset = reader.frames.position
        while try reader.next() != nil {
            offsets.append(offset)
            offset = reader.frames.position
        }
        frames = try BlockLog.goOn(after: reader.frames)
        guard frames.cutBytes > 0 else { return }
        logger.warning(
            "took an unfinished record off the block file",
            metadata: ["height": "\(height + 1)", "bytes": "\(frames.cutBytes)"])
    }

    /// Writes the next block and returns when it survives a loss of power.
    ///
    /// - Throws: `.failedBefore` for every call after one that failed.
    package mutating func append(_ record: BlockRecord) throws(BlockLogError) {
        if record.height != height + 1 { throw .unexpectedHeight(found: record.height, expected: height + 1) }
        offsets += try BlockLog.append(record.encoded(), at: record.height, to: &frames)
    }

    /// Reads one block again; nil for a height that the log does not have.
    package func block(at height: UInt64) throws(BlockLogError) -> BlockRecord? { try place(ofBlock: height)?.read() }

    /// Where a block is; nil for a height that the log does not have.
    func place(ofBlock height: UInt64) -> BlockPlace? {
        guard height > 0, height <= self.height, let index = Int(exactly: height - 1) else { return nil }
        return BlockPlace(frames: frames, offset: offsets[index], height: height)
    }

    /// Opens the file for this process alone; its name is durable when this returns.
    private static func hold(_ path: String) throws(BlockLogError) -> FileStorage {
        let (storage, isHeld): (FileStorage, Bool)
        do throws(SystemCallError) {
            storage = try FileStorage(path: path)
            isHeld = try storage.lock()
            if isHeld { try storage.syncName() }
        } catch { throw .storage(error) }
        guard isHeld else { throw .busy(path: path) }
        return storage
    }

    private static func goOn(after reader: FrameReader) throws(BlockLogError) -> FrameLog {
        do throws(FrameLogError) {
            return try FrameLog(after: reader)
        } catch { throw BlockLogError(error, at: reader.count) }
    }

    private static func append(
        _ payload: Bytes, at height: UInt64, to frames: inout FrameLog
    ) throws(BlockLogError) -> [UInt64] {
        do throws(FrameLogError) { return try frames.append([payload]) } catch {
            throw BlockLogError(error, at: height)
        }
    }
}

/// A block that is in the file for good: it can be read while the log goes on.
struct BlockPlace: Sendable {
    fileprivate let frames: FrameLog
    fileprivate let offset: UInt64
    fileprivate let height: UInt64

    func read() throws(BlockLogError) -> BlockRecord {
        let payload: Bytes
        do throws(FrameLogError) {
            payload = try frames.read(at: offset, sequence: height)
        } catch { throw BlockLogError(error, at: height) }
        return try BlockFileFormat.decodeBlock(payload, height: height)
    }
}
