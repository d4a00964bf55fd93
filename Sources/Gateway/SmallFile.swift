import Primitives

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Small files that only their owner reads (mode 0600), replaced whole: written beside, synced, renamed. A crash leaves the
/// old contents or the new, and perhaps a file `….new` that the next replacement overwrites.
enum SmallFile {
    /// A system call that failed, with errno's words.
    struct Failure: Error, CustomStringConvertible {
        let call: String
        let code: Int32

        var description: String { "\(call): \(String(cString: strerror(code)))" }
    }

    /// The longest file that is read, in bytes.
    static let bytesMax = 16 << 20
    private static let pieceBytes = 64 << 10

    /// The whole file, or nil where there is none.
    static func contents(of path: String) throws(Failure) -> Bytes? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw Failure(call: "open", code: errno)
        }
        defer { close(file) }
        var bytes = Bytes()
        var piece = Bytes(repeating: 0, count: pieceBytes)
        while true {
            let count = piece.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw Failure(call: "read", code: errno) }
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: piece.prefix(count))
            guard bytes.count <= bytesMax else { throw Failure(call: "read", code: EFBIG) }
        }
    }

    /// Replaces the file. When this returns, the new contents survive a loss of power.
    static func replace(_ path: String, with bytes: Bytes) throws(Failure) {
        let temporary = path + ".new"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Failure(call: "open", code: errno) }
        do throws(Failure) {
            try fill(file, with: bytes)
            guard fsync(file) == 0 else { throw Failure(call: "fsync", code: errno) }
        } catch {
            close(file)
            throw error
        }
        guard close(file) == 0 else { throw Failure(call: "close", code: errno) }
        guard rename(temporary, path) == 0 else { throw Failure(call: "rename", code: errno) }
        try syncFolder(of: path)
    }

    private static func fill(_ file: Int32, with bytes: Bytes) throws(Failure) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                write(file, buffer.baseAddress?.advanced(by: written), buffer.count - written)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw Failure(call: "write", code: errno) }
            written += count
        }
    }

    /// The rename itself lasts only once the folder is synced.
    private static func syncFolder(of path: String) throws(Failure) {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let folder = slash.map { String(path[...$0]) } ?? "."
        let handle = open(folder, O_RDONLY | O_CLOEXEC)
        guard handle >= 0 else { throw Failure(call: "open", code: errno) }
        defer { close(handle) }
        guard fsync(handle) == 0 else { throw Failure(call: "fsync", code: errno) }
    }
}
