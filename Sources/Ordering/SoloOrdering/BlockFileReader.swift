import DurableFile
import OrderingAPI
import Primitives

/// Reads a block file from its beginning, one block at a time: memory holds one record, however long the file is.
///
/// Checks what the file says about itself: that each record is whole, that heights have no gaps, and that each block names
/// the one before as its parent. Whether a block's hash is the hash of its content is `Replay`'s question.
public struct BlockFileReader {
    /// What the chain was started with.
    public let genesis: InitChainRequest
    /// The height of the last block read; 0 before the first.
    public private(set) var height: UInt64 = 0
    /// The hash of that block; zero before the first.
    public private(set) var hash = Hash32.zero
    private(set) var frames: FrameReader

    /// Bytes after the last block read: 0 at the end, unless the last record was cut short.
    public var unreadBytes: UInt64 { frames.unreadBytes }

    /// Opens a file for reading, which may be the file of a running node: blocks written later are not seen.
    ///
    /// - Throws: also where the file ends before its genesis does.
    public init(path: String) throws(BlockLogError) {
        let storage: FileStorage
        do throws(SystemCallError) {
            storage = try FileStorage(path: path, mode: .readOnly)
        } catch { throw .storage(error) }
        var frames = try BlockFileReader.frames(of: storage)
        guard let genesis = try BlockFileReader.genesis(in: &frames) else { throw .unfinishedGenesis }
        self.init(genesis, frames)
    }

    /// Goes on after the genesis, which `frames` has just read.
    init(_ genesis: InitChainRequest, _ frames: FrameReader) {
        self.genesis = genesis
        self.frames = frames
    }

    /// Begins to read.
    static func frames(of storage: any LogStorage) throws(BlockLogError) -> FrameReader {
        do throws(FrameLogError) {
            return try FrameReader(storage: storage, format: BlockFileFormat.frames)
        } catch { throw BlockLogError(error, at: 0) }
    }

    /// Reads the first record; nil where the file ends before it does.
    static func genesis(in frames: inout FrameReader) throws(BlockLogError) -> InitChainRequest? {
        guard let payload = try record(of: &frames) else { return nil }
        return try BlockFileFormat.decodeGenesis(payload).request
    }

    /// The next block, or nil where no whole record follows.
    public mutating func next() throws(BlockLogError) -> BlockRecord? {
        let next = frames.count
        guard let payload = try BlockFileReader.record(of: &frames) else { return nil }
        let record = try BlockFileFormat.decodeBlock(payload, height: next, parentHash: hash)
        height = next
        hash = record.hash
        return record
    }

    private static func record(of frames: inout FrameReader) throws(BlockLogError) -> Bytes? {
        let height = frames.count
        do throws(FrameLogError) { return try frames.next() } catch { throw BlockLogError(error, at: height) }
    }
}
