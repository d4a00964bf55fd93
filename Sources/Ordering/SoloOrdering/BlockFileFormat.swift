import DurableFile
import Primitives
import WireFormat

/// What a block file is made of: `gonkablk` ‖ BE32 format, then one record for the genesis and one for each block, so that a
/// record's number is its height.
package enum BlockFileFormat {
    package static let frames = FrameLog.Format(
        magic: Bytes("gonkablk".utf8), version: 1, recordBytesMax: Limits.recordBytesMax)

    /// The genesis that record 0 holds.
    static func decodeGenesis(_ payload: Bytes) throws(BlockLogError) -> GenesisRecord {
        do throws(WireError) { return try .decode(payload) } catch { throw .undecodable(height: 0, error) }
    }

    /// The block that record `height` holds, which must follow `parentHash` where that is given.
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
}
