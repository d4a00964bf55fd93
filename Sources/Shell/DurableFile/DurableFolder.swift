#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Folders whose names survive a loss of power: a synced file whose folder was not may be gone afterwards.
package enum DurableFolder {
    /// Creates a folder and those above it, readable by their owner only, where there are none. On return what was created
    /// is durable.
    ///
    /// - Parameter sync: makes the names in a folder durable.
    package static func create(
        _ path: String,
        syncing sync: (String) throws(SystemCallError) -> Void = { (path) throws(SystemCallError) in
            try DurableFolder.sync(path)
        }
    ) throws(SystemCallError) {
        let parent = parent(of: path)
        if mkdir(path, 0o700) == 0 { return try sync(parent) }
        if errno == EEXIST { return }
        guard errno == ENOENT, parent != ".", parent != path else { throw failure("mkdir", path) }
        try create(parent, syncing: sync)
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw failure("mkdir", path) }
        try sync(parent)
    }

    /// Makes the names in a folder durable.
    package static func sync(_ path: String) throws(SystemCallError) {
        let handle = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if handle < 0 { throw failure("open", path) }
        defer { close(handle) }
        if fsync(handle) != 0 { throw failure("fsync", path) }
    }

    /// The folder that holds `path`.
    static func parent(of path: String) -> String {
        var name = path[...]
        while name.count > 1, name.last == "/" { name.removeLast() }
        guard let slash = name.lastIndex(of: "/") else { return "." }
        return slash == name.startIndex ? "/" : String(name[..<slash])
    }

    private static func failure(_ call: String, _ path: String) -> SystemCallError {
        SystemCallError(call: call, path: path, reason: String(cString: strerror(errno)))
    }
}
