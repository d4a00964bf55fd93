import Primitives
import SoloOrdering

/// A file in memory that knows what a loss of power would leave of it, and can fail.
final class MemoryStorage: LogStorage {
    enum Fault {
        /// The n-th write from now puts only this many bytes on the disk and fails.
        case tornWrite(after: Int, bytes: Int)
        /// The n-th sync from now fails.
        case failedSync(after: Int)
    }

    private(set) var content: Bytes
    private(set) var synced: Bytes
    private(set) var (writeCount, syncCount) = (0, 0)
    private var fault: Fault?

    init(_ content: Bytes = []) { (self.content, synced) = (content, content) }

    /// Counts writes and syncs from 0 at this call.
    func plan(_ fault: Fault) {
        (writeCount, syncCount) = (0, 0)
        self.fault = fault
    }

    func size() -> UInt64 { UInt64(content.count) }

    func read(at offset: UInt64, count: Int) -> Bytes { Bytes(content.dropFirst(Int(offset)).prefix(count)) }

    func write(_ bytes: Bytes, at offset: UInt64) throws(SystemCallError) {
        writeCount += 1
        if case .tornWrite(let after, let kept) = fault, writeCount > after {
            put(Bytes(bytes.prefix(kept)), at: Int(offset))
            throw SystemCallError(call: "pwrite", path: "memory", reason: "No space left on device")
        }
        put(bytes, at: Int(offset))
    }

    func truncate(to size: UInt64) { content.removeLast(content.count - min(content.count, Int(size))) }

    func sync() throws(SystemCallError) {
        syncCount += 1
        if case .failedSync(let after) = fault, syncCount > after {
            throw SystemCallError(call: "fsync", path: "memory", reason: "Input/output error")
        }
        synced = content
    }

    private func put(_ bytes: Bytes, at offset: Int) {
        content.removeLast(max(0, content.count - offset))
        content += bytes
    }
}
