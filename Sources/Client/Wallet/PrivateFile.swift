import Foundation
import Primitives

/// Files that only their owner may read, written so that a crash leaves either no file or the whole file.
struct PrivateFile: Sendable {
    let path: String

    /// The bytes; refuses a file that another user owns or could read, a link, and one that is too long.
    func read() throws(KeyStoreError) -> Bytes {
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw failure("open") }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw failure("examine") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .kind(path: path) }
        guard status.st_uid == geteuid() else { throw .owner(path: path) }
        guard status.st_mode & 0o077 == 0 else { throw .permissions(path: path, mode: UInt32(status.st_mode & 0o7777)) }
        return try readAll(file)
    }

    /// Creates the file with mode 0600; never replaces one that is there. On return it is durable.
    func create(_ bytes: Bytes) throws(KeyStoreError) {
        let temporary = PrivateFile(path: "\(path).\(getpid()).\(UInt64.random(in: 0 ... .max)).new")
        defer { unlink(temporary.path) }
        try temporary.write(bytes)
        // A second name, unlike a rename, fails where the first is taken.
        guard link(temporary.path, path) == 0 else { throw failure("create") }
        try PrivateFolder(path: folder).synchronize()
    }

    /// Removes the file, durably. What the disk keeps of its blocks is the file system's affair.
    func delete() throws(KeyStoreError) {
        guard unlink(path) == 0 else { throw failure("delete") }
        try PrivateFolder(path: folder).synchronize()
    }

    private var folder: String { (path as NSString).deletingLastPathComponent }

    private func readAll(_ file: Int32) throws(KeyStoreError) -> Bytes {
        var bytes = Bytes(repeating: 0, count: Limits.keyFileBytesMax + 1)
        var count = 0
        while count < bytes.count {
            let read = bytes.withUnsafeMutableBytes {
                Foundation.read(file, $0.baseAddress?.advanced(by: count), $0.count - count)
            }
            if read < 0 && errno == EINTR { continue }
            guard read >= 0 else { throw failure("read") }
            if read == 0 { return Bytes(bytes.prefix(count)) }
            count += read
        }
        throw .tooLarge(path: path)
    }

    private func write(_ bytes: Bytes) throws(KeyStoreError) {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("create") }
        defer { close(file) }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Foundation.write(file, $0.baseAddress?.advanced(by: written), $0.count - written)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure("write") }
            written += count
        }
        guard fsync(file) == 0 else { throw failure("flush") }
    }

    private func failure(_ operation: String) -> KeyStoreError { .lastFailure(operation, path: path) }
}

/// A folder in which only its owner may put files.
struct PrivateFolder: Sendable {
    let path: String

    /// Creates the folder, and those above it, with mode 0700 where it is missing; refuses one in which others may write.
    /// On return what was created is durable.
    ///
    /// - Parameter synchronize: makes what was created in a folder durable.
    func prepare(
        synchronizing synchronize: (PrivateFolder) throws(KeyStoreError) -> Void = { (folder) throws(KeyStoreError) in
            try folder.synchronize()
        }
    ) throws(KeyStoreError) {
        try create(synchronize)
        var status = stat()
        guard stat(path, &status) == 0 else { throw .lastFailure("examine", path: path) }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw .kind(path: path) }
        guard status.st_uid == geteuid() else { throw .owner(path: path) }
        guard status.st_mode & 0o022 == 0 else { throw .permissions(path: path, mode: UInt32(status.st_mode & 0o7777)) }
    }

    /// A folder whose name is not durable goes with a loss of power, and every key in it with it.
    private func create(_ synchronize: (PrivateFolder) throws(KeyStoreError) -> Void) throws(KeyStoreError) {
        let parent = PrivateFolder(path: (path as NSString).deletingLastPathComponent)
        if mkdir(path, 0o700) == 0 { return try synchronize(parent) }
        if errno == EEXIST { return }
        guard errno == ENOENT, !parent.path.isEmpty, parent.path != path else {
            throw .lastFailure("create", path: path)
        }
        try parent.create(synchronize)
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .lastFailure("create", path: path) }
        try synchronize(parent)
    }

    /// The names in the folder, sorted.
    func names() throws(KeyStoreError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        } catch {
            throw .lastFailure("list", path: path)
        }
    }

    /// Makes creations and deletions in the folder durable.
    func synchronize() throws(KeyStoreError) {
        let folder = open(path.isEmpty ? "." : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw .lastFailure("open", path: path) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw .lastFailure("flush", path: path) }
    }
}

extension KeyStoreError {
    /// What `errno` says about the call that has just failed.
    fileprivate static func lastFailure(_ operation: String, path: String) -> KeyStoreError {
        switch errno {
        case ENOENT: .notFound(path: path)
        case EEXIST: .alreadyExists(path: path)
        case ELOOP: .kind(path: path)
        case let code: .system(path: path, operation: operation, code: code)
        }
    }
}
