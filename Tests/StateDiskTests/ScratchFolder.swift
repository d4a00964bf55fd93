import Foundation

/// A folder of its own for one test, gone when the test is done.
final class ScratchFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "state-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        do { try FileManager.default.removeItem(at: url) } catch { print("left behind: \(url.path): \(error)") }
    }

    func path(_ name: String) -> String { url.appending(path: name).path }

    func read(_ name: String) throws -> Data { try Data(contentsOf: url.appending(path: name)) }

    func write(_ data: Data, _ name: String) throws { try data.write(to: url.appending(path: name)) }
}
