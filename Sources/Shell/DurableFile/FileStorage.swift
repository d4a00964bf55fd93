import Primitives

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file on a disk, open as long as this object lives.
package final class FileStorage: LogStorage {
    package enum Mode: Sendable {
        /// Creates the file, readable by its owner only, where there is none.
        case readWrite
        /// Reads a file that another process may be writing.
        case readOnly
    }

    private let path: String
    private let descriptor: Int32

    package init(path: String, mode: Mode = .readWrite) throws(SystemCallError) {
        let flags = mode == .readWrite ? O_RDWR | O_CREAT | O_CLOEXEC : O_RDONLY | O_CLOEXEC
        descriptor = openFile(path, flags, 0o600)
        self.path = path
        if descriptor < 0 { throw failure("open") }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Locks the file against every other process until this object goes.
    ///
    /// - Returns: false where somebody else holds it.
    package func lock() throws(SystemCallError) -> Bool {
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
        if errno == EWOULDBLOCK { return false }
        throw failure("flock")
    }

    package func size() throws(SystemCallError) -> UInt64 {
        var status = stat()
        if fstat(descriptor, &status) != 0 { throw failure("fstat") }
        return UInt64(max(0, status.st_size))
    }

    package func read(at offset: UInt64, count: Int) throws(SystemCallError) -> Bytes {
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

    package func write(_ bytes: Bytes, at offset: UInt64) throws(SystemCallError) {
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

    package func truncate(to size: UInt64) throws(SystemCallError) {
        if ftruncate(descriptor, off_t(size)) != 0 { throw failure("ftruncate") }
    }

    package func sync() throws(SystemCallError) {
        #if canImport(Darwin)
            let result = fcntl(descriptor, F_FULLFSYNC)
        #else
            let result = fsync(descriptor)
        #endif
        if result != 0 { throw failure("fsync") }
    }

    /// Makes the file's name durable: a synced file whose folder was not may be gone after a loss of power.
    package func syncName() throws(SystemCallError) {
        try DurableFolder.sync(DurableFolder.parent(of: path))
    }

    private func failure(_ call: String) -> SystemCallError {
        SystemCallError(call: call, path: path, reason: String(cString: strerror(errno)))
    }
}

/// `open(2)`, which a method of the same name hides.
private func openFile(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 { open(path, flags, mode) }
