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

    private let storage: any LogStorage
    private let end: UInt64
    /// Where the next frame begins.
    private(set) var position: UInt64

    /// Bytes after the last block read: 0 at the end, unless the last record was cut short.
    public var unreadBytes: UInt64 { end - position }

    /// Opens a file for reading, which may be the file of a running node: blocks written later are not seen.
    ///
    /// - Throws: also where the file ends before its genesis does.
    public init(path: String) throws(BlockLogError) {
        guard let reader = try BlockFileReader(storage: try FileStorage(path: path, mode: .readOnly)) else {
            throw .unfinishedGenesis
        }
        self = reader
    }

    /// Begins to read, or gives nil where the file ends before its genesis does.
    init?(storage: any LogStorage) throws(BlockLogError) {
        self.storage = storage
        do throws(SystemCallError) { end = try storage.size() } catch { throw .storage(error) }
        guard try BlockFileFormat.checkPreamble(of: storage) else { return nil }
        let start = UInt64(BlockFileFormat.preamble.count)
        guard let first = try BlockFileFormat.readFrame(of: storage, at: start, end: end, sequence: 0) else {
            return nil
        }
        genesis = try BlockFileFormat.decodeGenesis(first.payload).request
        position = first.next
    }

    /// The next block, or nil where no whole record follows.
    public mutating func next() throws(BlockLogError) -> BlockRecord? {
        let sequence = height + 1
        guard
            let frame = try BlockFileFormat.readFrame(of: storage, at: position, end: end, sequence: sequence)
        else { return nil }
        let record = try BlockFileFormat.decodeBlock(frame.payload, height: sequence, parentHash: hash)
        height = sequence
        hash = record.hash
        position = frame.next
        return record
    }
}
