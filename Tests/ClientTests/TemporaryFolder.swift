import Foundation

/// A folder of its own for one test, removed with the last reference.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = (NSTemporaryDirectory() as NSString).appendingPathComponent("gonka-client-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard chmod(path, 0o700) == 0 else { throw POSIXError(.EPERM) }
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            print("left behind: \(path)")
        }
    }

    func callAsFunction(_ name: String) -> String { (path as NSString).appendingPathComponent(name) }

    func mode(_ name: String) throws -> mode_t {
        var status = stat()
        guard stat(self(name), &status) == 0 else { throw POSIXError(.ENOENT) }
        return status.st_mode & 0o7777
    }

    func write(_ text: String, to name: String, mode: mode_t = 0o600) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: self(name)))
        guard chmod(self(name), mode) == 0 else { throw POSIXError(.EPERM) }
    }

    func text(_ name: String) throws -> String { try String(contentsOfFile: self(name), encoding: .utf8) }
}
