import DurableFile
import Primitives

/// A file in memory that knows what a loss of power would leave of it, and can fail.
final class MemoryStorage: LogStorage {
    enum Fault {
        /// The n-th write from now puts only this many bytes on the disk and fails.
        case tornWrite(after: Int, bytes: Int)
        /// The n-th sync from now fails.
        case failedSync(after: Int)
    }

    private struct State {
        var content: Bytes
        var synced: Bytes
        var writes = 0
        var syncs = 0
        var fault: Fault?
    }

    private let state: Locked<State>

    /// - Parameter synced: nil for all of it.
    init(_ content: Bytes = [], synced: Bytes? = nil) {
        state = Locked(State(content: content, synced: synced ?? content))
    }

    /// What is on the disk for readers.
    var content: Bytes { state.withLock { $0.content } }

    /// What a loss of power would leave.
    var synced: Bytes { state.withLock { $0.synced } }

    var writeCount: Int { state.withLock { $0.writes } }
    var syncCount: Int { state.withLock { $0.syncs } }

    /// Counts writes and syncs from 0 at this call.
    func plan(_ fault: Fault) {
        state.withLock { state in
            (state.writes, state.syncs) = (0, 0)
            state.fault = fault
        }
    }

    func size() -> UInt64 { UInt64(content.count) }

    func read(at offset: UInt64, count: Int) -> Bytes { Bytes(content.dropFirst(Int(offset)).prefix(count)) }

    func write(_ bytes: Bytes, at offset: UInt64) throws(SystemCallError) {
        let isTorn = state.withLock { state in
            state.writes += 1
            var (written, isTorn) = (bytes, false)
            if case .tornWrite(let after, let kept) = state.fault, state.writes > after {
                (written, isTorn) = (Bytes(bytes.prefix(kept)), true)
            }
            state.content.removeLast(max(0, state.content.count - Int(offset)))
            state.content += written
            return isTorn
        }
        if isTorn { throw SystemCallError(call: "pwrite", path: "memory", reason: "No space left on device") }
    }

    func truncate(to size: UInt64) { state.withLock { $0.content = Bytes($0.content.prefix(Int(size))) } }

    func sync() throws(SystemCallError) {
        let hasFailed = state.withLock { state in
            state.syncs += 1
            if case .failedSync(let after) = state.fault, state.syncs > after { return true }
            state.synced = state.content
            return false
        }
        if hasFailed { throw SystemCallError(call: "fsync", path: "memory", reason: "Input/output error") }
    }
}
