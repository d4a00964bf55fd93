import Foundation

/// A folder that goes with the value that made it.
final class ScratchFolder: Sendable {
    let path: String

    /// - Parameter parent: an existing folder; nil for the system's own for temporary files.
    init(in parent: String? = nil) throws {
        path = (parent ?? NSTemporaryDirectory()) + "/gonka-bench-\(UUID().uuidString)"
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        } catch {
            throw OperatorError("\(path) cannot be created; name a folder for temporary files with TMPDIR.")
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Where Linux keeps files in memory, if this system has such a place.
    static var inMemory: String? {
        let path = "/dev/shm"
        return FileManager.default.isWritableFile(atPath: path) ? path : nil
    }
}
