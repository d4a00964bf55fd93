#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Keeps other processes from changing a file while this one does: an advisory lock on a file beside it, which the kernel
/// drops with the process. Waits for whoever has it.
final class FileLock {
    private let file: Int32

    init(_ path: String) throws(SmallFile.Failure) {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw SmallFile.Failure(call: "open", code: errno) }
        while flock(file, LOCK_EX) != 0 {
            let code = errno
            guard code == EINTR else {
                close(file)
                throw SmallFile.Failure(call: "flock", code: code)
            }
        }
        self.file = file
    }

    deinit { close(file) }
}
