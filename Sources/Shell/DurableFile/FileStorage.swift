import Primitives

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file that is open for reading and writing.
final class FileStorage: LogStorage {
    private let path: String
    private let descriptor: Int32

    /// Opens the file, creating it, readable by its owner only, where there is none.
    init(path: String) throws(SystemCallError) {
        descriptor = openFile(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        self.path = path
        if descriptor < 0 { throw failure("open") }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Locks the file against every other process until this object goes.
    ///
    /// - Returns: false where somebody else holds it.
    func lock() throws(SystemCallError) -> Bool {
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
        if errno == EWOULDBLOCK { return false }
        throw failure("flock")
    }

    func size() throws(SystemCallError) -> UInt64 {
        var status = stat()
        if fstat(descriptor, &status) != 0 { throw failure("fstat") }
        return UInt64(max(0, status.st_size))
    }

    func read(at offset: UInt64, count: Int) throws(SystemCallError) -> Bytes {
        var (filled, failed) = (0, false)
        let bytes = Bytes(unsafeUninitializedCapacity: count) { buffer, initialised in
            while filled < count {
                let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
                let result = pread(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(filled))
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

    private func failure(_ call: String) -> SystemCallError {
        SystemCallError(call: call, path: path, reason: String(cString: strerror(errno)))
    }
}
