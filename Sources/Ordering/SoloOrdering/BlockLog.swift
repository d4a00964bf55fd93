import Logging
import OrderingAPI
import Primitives
import WireFormat

/// The block file of a running node: every block is in it, durably, before anybody hears of it.
///
/// One record is one write and one sync. A write or sync that fails is final: what the disk holds then is unknown, and a
/// second sync may report success for data that is gone. Opening again reads what is really there.
package struct BlockLog {
    /// What the chain was started with.
    package let genesis: InitChainRequest
    private let storage: any LogStorage
    /// Where the frame of each block begins; the first is that of height 1. Eight bytes of memory a block.
    private var offsets: [UInt64] = []
    private var end: UInt64
    private var hasFailed = false

    /// The height of the last block; 0 where there is none.
    package var height: UInt64 { UInt64(offsets.count) }

    /// Opens or creates the file at `path` and holds it until the log goes.
    ///
    /// - Throws: `.busy` where another node holds it, and all that `init(storage:genesis:logger:)` throws.
    package init(path: String, genesis: InitChainRequest, logger: Logger) throws(BlockLogError) {
        let storage = try FileStorage(path: path, mode: .exclusive)
        try self.init(storage: storage, genesis: genesis, logger: logger)
    }

    /// Reads the whole file once. A last record that was cut short is taken off, with a line in the log: nobody was told
    /// of that block. Anything else that is not as it was written throws, and the file is left alone.
    package init(storage: any LogStorage, genesis: InitChainRequest, logger: Logger) throws(BlockLogError) {
        self.storage = storage
        self.genesis = genesis
        guard var reader = try BlockFileReader(storage: storage) else {
            end = try BlockLog.create(in: storage, genesis: genesis)
            return
        }
        guard reader.genesis == genesis else {
            throw .otherGenesis(found: reader.genesis.chainID, expected: genesis.chainID)
        }
        end = reader.position
        while try reader.next() != nil {
            offsets.append(end)
            end = reader.position
        }
        guard reader.unreadBytes > 0 else { return }
        logger.warning(
            "took an unfinished record off the block file",
            metadata: ["height": "\(height + 1)", "bytes": "\(reader.unreadBytes)"])
        try cut(to: end)
    }

    /// Writes the next block and returns when it survives a loss of power.
    ///
    /// - Throws: `.failedBefore` for every call after one that failed.
    package mutating func append(_ record: BlockRecord) throws(BlockLogError) {
        if hasFailed { throw .failedBefore }
        if record.height != height + 1 { throw .unexpectedHeight(found: record.height, expected: height + 1) }
        let payload = record.encoded()
        guard let frame = LogFrame.encode(sequence: record.height, payload: payload) else {
            throw .recordTooLarge(height: record.height, bytes: payload.count)
        }
        hasFailed = true
        do throws(SystemCallError) {
            try storage.write(frame, at: end)
            try storage.sync()
        } catch { throw .storage(error) }
        hasFailed = false
        offsets.append(end)
        end += UInt64(frame.count)
    }

    /// Reads one block again; nil for a height that the log does not have.
    package func block(at height: UInt64) throws(BlockLogError) -> BlockRecord? {
        guard height > 0, height <= self.height, let index = Int(exactly: height - 1) else { return nil }
        guard
            let frame = try BlockFileFormat.readFrame(of: storage, at: offsets[index], end: end, sequence: height)
        else { throw .damaged(offset: offsets[index], expectedHeight: height) }
        return try BlockFileFormat.decodeBlock(frame.payload, height: height)
    }

    /// Writes preamble and genesis over whatever unfinished beginning there was, and returns where the first block goes.
    private static func create(in storage: any LogStorage, genesis: InitChainRequest) throws(BlockLogError) -> UInt64 {
        let payload = GenesisRecord(genesis).encoded()
        guard let frame = LogFrame.encode(sequence: 0, payload: payload) else {
            throw .recordTooLarge(height: 0, bytes: payload.count)
        }
        do throws(SystemCallError) {
            try storage.truncate(to: 0)
            try storage.write(BlockFileFormat.preamble + frame, at: 0)
            try storage.sync()
        } catch { throw .storage(error) }
        return UInt64(BlockFileFormat.preamble.count + frame.count)
    }

    private func cut(to size: UInt64) throws(BlockLogError) {
        do throws(SystemCallError) {
            try storage.truncate(to: size)
            try storage.sync()
        } catch { throw .storage(error) }
    }
}
