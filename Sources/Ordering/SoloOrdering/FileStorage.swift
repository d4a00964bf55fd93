import Primitives

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file, held open by one owner.
final class FileStorage: LogStorage {
    enum Mode {
        /// Creates the file where there is none, and locks it against every other writer until the process ends or the
        /// object goes.
        case exclusive
        /// Reads a file that another process may be writing.
        case readOnly
    }

    let path: String
    private let descriptor: Int32

    /// - Throws: `.busy` where somebody else holds the file exclusively; `.storage` for any system call that fails.
    init(path: String, mode: Mode) throws(BlockLogError) {
        let flags = mode == .exclusive ? O_RDWR | O_CREAT | O_CLOEXEC : O_RDONLY | O_CLOEXEC
        let descriptor = open(path, flags, 0o600)
        self.path = path
        self.descriptor = descriptor
        if descriptor < 0 { throw .storage(failure("open")) }
        guard mode == .exclusive else { return }
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            throw errno == EWOULDBLOCK ? .busy(path: path) : .storage(failure("flock"))
        }
        do throws(SystemCallError) { try syncFolder() } catch { throw .storage(error) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func size() throws(SystemCallError) -> UInt64 {
        var status = stat()
        if fstat(descriptor, &status) != 0 { throw failure("fstat") }
        return UInt64(status.st_size)
    }

    func read(at offset: UInt64, count: Int) throws(SystemCallError) -> Bytes {
        var (filled, failed) = (0, false)
        let bytes = Bytes(unsafeUninitializedCapacity: count) { buffer, initialised in
            while filled < count {
                let rest = UnsafeMutableRawBufferPointer(buffer)[filled...]
                let result = pread(
                    descriptor, UnsafeMutableRawBufferPointer(rebasing: rest).baseAddress, rest.count,
                    off_t(offset) + off_t(filled))
                if result < 0 && errno == EINTR { continue }
                failed = result < 0
                if result <= 0 { break }
                filled += result
            }
            initialised = filled
        }
        if failed { throw failure("pread") }
        return bytes
    }

    func write(_ bytes: Bytes, at offset: UInt64) throws(SystemCallError) {
        var written = 0
        while written < bytes.count {
            let result = bytes.withUnsafeBytes { buffer in
                let rest = UnsafeRawBufferPointer(rebasing: buffer[written...])
                return pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(written))
            }
            if result < 0 && errno == EINTR { continue }
            if result < 0 { throw failure("pwrite") }
            written += result
        }
    }

    func truncate(to size: UInt64) throws(SystemCallError) {
        if ftruncate(descriptor, off_t(size)) != 0 { throw failure("ftruncate") }
    }

    func sync() throws(SystemCallError) {
        #if canImport(Darwin)
            let result = fcntl(descriptor, F_FULLFSYNC)
        #else
            let result = fsync(descriptor)
        #endif
        if result != 0 { throw failure("fsync") }
    }

    /// Makes the file's name durable: a synced file whose folder was not may be gone after a loss of power.
    private func syncFolder() throws(SystemCallError) {
        let folder = path.lastIndex(of: "/").map { path[..<path.index(after: $0)] } ?? "."
        let handle = open(String(folder), O_RDONLY | O_CLOEXEC)
        if handle < 0 { throw failure("open of the folder") }
        defer { close(handle) }
        if fsync(handle) != 0 { throw failure("fsync of the folder") }
    }

    private func failure(_ call: String) -> SystemCallError {
        SystemCallError(call: call, path: path, reason: String(cString: strerror(errno)))
    }
}
