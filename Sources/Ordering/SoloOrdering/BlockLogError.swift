import DurableFile
import Primitives
import WireFormat

/// Why a block file cannot be used. Nothing is changed in the file then.
public enum BlockLogError: Error, Equatable, Sendable {
    /// Another node has the file open.
    case busy(path: String)
    /// A system call failed. After a failed write or sync the file is not written again by this process.
    case storage(SystemCallError)
    /// A write was asked for after one that failed.
    case failedBefore
    /// The file does not begin as a block file does.
    case notABlockFile
    /// The file ends before its genesis does, so no block was ever in it.
    case unfinishedGenesis
    /// The file was written in another format.
    case unknownFormat(found: UInt32, known: UInt32)
    /// The bytes at `offset` are not those that were written: neither whole nor cut short.
    case damaged(offset: UInt64, expectedHeight: UInt64)
    /// A record that is whole does not say what its place asks for.
    case unexpectedHeight(found: UInt64, expected: UInt64)
    /// A block names another parent than the block before it.
    case wrongParent(height: UInt64, found: Hash32, expected: Hash32)
    /// A record is whole but its content cannot be read.
    case undecodable(height: UInt64, WireError)
    /// A record is longer than any record may be.
    case recordTooLarge(height: UInt64, bytes: Int)
    /// The file belongs to another genesis than the one the node was started with.
    case otherGenesis(found: String, expected: String)
}

extension BlockLogError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .busy(let path): "The block file \(path) is open in another node; stop that one first."
        case .storage(let error): "\(error)."
        case .failedBefore: "The block file had a failed write before and is not written again; restart the node."
        case .notABlockFile: "The file is not a block file."
        case .unfinishedGenesis: "The block file ends before its genesis does; it never held a block."
        case .unknownFormat(let found, let known):
            "The block file has format \(found), and this program reads format \(known)."
        case .damaged(let offset, let height):
            "The block file is damaged at byte \(offset), where block \(height) should be; restore it from a copy."
        case .unexpectedHeight(let found, let expected):
            "The block file holds record \(found) where block \(expected) should be; restore it from a copy."
        case .wrongParent(let height, let found, let expected):
            "Block \(height) names \(found) as its parent, and the block before it is \(expected)."
        case .undecodable(let height, let error): "Record \(height) of the block file cannot be read: \(error)."
        case .recordTooLarge(let height, let bytes):
            "Record \(height) has \(bytes) bytes, and \(Limits.recordBytesMax) is the most a block file holds."
        case .otherGenesis(let found, let expected):
            "The block file belongs to chain \(found) with another genesis than the one given for \(expected)."
        }
    }
}

extension BlockLogError {
    /// What a file of framed records says, in words of blocks.
    ///
    /// - Parameter height: the record that was read or written; 0 for the beginning of the file.
    init(_ error: FrameLogError, at height: UInt64) {
        self =
            switch error {
            case .storage(let error): .storage(error)
            case .failedBefore: .failedBefore
            case .otherKind: .notABlockFile
            case .unknownVersion(let found, let known): .unknownFormat(found: found, known: known)
            case .damaged(let offset): .damaged(offset: offset, expectedHeight: height)
            case .outOfPlace(let found, let expected): .unexpectedHeight(found: found, expected: expected)
            case .recordTooLarge(let bytes): .recordTooLarge(height: height, bytes: bytes)
            }
    }
}
