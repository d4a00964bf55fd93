import DurableFile
import Primitives
import Synchronization

/// A folder in memory that knows what a loss of power would leave of it, and can fail.
final class MemoryFolder: LogFolder {
    enum Fault: Equatable, Sendable {
        /// The n-th write from now, counted from 0, puts only this many bytes on the disk and fails.
        case tornWrite(after: Int, bytes: Int)
        /// The n-th sync from now fails.
        case failedSync(after: Int)
    }

    fileprivate struct File {
        var content: Bytes = []
        var synced: Bytes = []
    }

    fileprivate struct State {
        var files: [String: File] = [:]
        var fault: Fault?
        var (writes, syncs) = (0, 0)
    }

    fileprivate let state = Mutex(State())

    init(_ files: [String: Bytes] = [:]) {
        state.withLock { state in
            state.files = files.mapValues { File(content: $0, synced: $0) }
        }
    }

    /// What is on the disk for readers.
    var contents: [String: Bytes] { state.withLock { $0.files.mapValues(\.content) } }

    /// What a loss of power would leave.
    var synced: [String: Bytes] { state.withLock { $0.files.mapValues(\.synced) } }

    var syncs: Int { state.withLock(\.syncs) }

    func plan(_ fault: Fault?) {
        state.withLock { state in
            state.fault = fault
            (state.writes, state.syncs) = (0, 0)
        }
    }

    func names() throws(SystemCallError) -> [String] { state.withLock { $0.files.keys.sorted() } }

    func open(_ name: String) throws(SystemCallError) -> any LogStorage {
        state.withLock { state in if state.files[name] == nil { state.files[name] = File() } }
        return MemoryFile(folder: self, name: name)
    }

    func remove(_ name: String) throws(SystemCallError) { state.withLock { $0.files[name] = nil } }
}

/// One file of a `MemoryFolder`.
private final class MemoryFile: LogStorage {
    private let folder: MemoryFolder
    private let name: String

    init(folder: MemoryFolder, name: String) {
        self.folder = folder
        self.name = name
    }

    private var content: Bytes { folder.state.withLock { $0.files[name]?.content ?? [] } }

    func size() throws(SystemCallError) -> UInt64 { UInt64(content.count) }

    func read(at offset: UInt64, count: Int) throws(SystemCallError) -> Bytes {
        Bytes(content.dropFirst(Int(offset)).prefix(count))
    }

    func write(_ bytes: Bytes, at offset: UInt64) throws(SystemCallError) {
        let isTorn = folder.state.withLock { state in
            state.writes += 1
            var written = bytes
            var isTorn = false
            if case .tornWrite(let after, let kept) = state.fault, state.writes > after {
                (written, isTorn) = (Bytes(bytes.prefix(kept)), true)
            }
            var file = state.files[name] ?? MemoryFolder.File()
            file.content.removeLast(max(0, file.content.count - Int(offset)))
            file.content += written
            state.files[name] = file
            return isTorn
        }
        if isTorn { throw SystemCallError(call: "pwrite", path: name, reason: "No space left on device") }
    }

    func truncate(to size: UInt64) throws(SystemCallError) {
        folder.state.withLock { state in
            let content = state.files[name]?.content ?? []
            state.files[name]?.content = Bytes(content.prefix(Int(size)))
        }
    }

    func sync() throws(SystemCallError) {
        let hasFailed = folder.state.withLock { state in
            state.syncs += 1
            if case .failedSync(let after) = state.fault, state.syncs > after { return true }
            let content = state.files[name]?.content ?? []
            state.files[name]?.synced = content
            return false
        }
        if hasFailed { throw SystemCallError(call: "fsync", path: name, reason: "Input/output error") }
    }
}
