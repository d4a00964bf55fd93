#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A folder on a disk, locked against other processes as long as this object lives.
package final class DiskFolder: LogFolder {
    /// Another process holds the folder.
    package struct BusyError: Error, Equatable, Sendable {
        package let path: String
    }

    private static let lockName = "lock"

    private let path: String
    private let lock: FileStorage

    /// Opens the folder, creating it and those above it, readable by their owner only, where there are none;
    /// their names are durable on return.
    ///
    /// - Throws: `BusyError`, or `SystemCallError`.
    package init(path: String) throws {
        try DurableFolder.create(path)
        lock = try FileStorage(path: "\(path)/\(DiskFolder.lockName)")
        guard try lock.lock() else { throw BusyError(path: path) }
        self.path = path
    }

    package func names() throws(SystemCallError) -> [String] {
        guard let folder = opendir(path) else { throw DiskFolder.failure("opendir", path) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if ![".", "..", DiskFolder.lockName].contains(name) { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    package func open(_ name: String) throws(SystemCallError) -> any LogStorage {
        let storage = try FileStorage(path: "\(path)/\(name)")
        try storage.syncName()
        return storage
    }

    package func remove(_ name: String) throws(SystemCallError) {
        if unlink("\(path)/\(name)") != 0 && errno != ENOENT { throw DiskFolder.failure("unlink", "\(path)/\(name)") }
    }

    private static func failure(_ call: String, _ path: String) -> SystemCallError {
        SystemCallError(call: call, path: path, reason: String(cString: strerror(errno)))
    }
}
