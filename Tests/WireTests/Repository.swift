import Foundation

/// The folder that holds `Sources`, `Tests` and `proto`.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func folder(_ path: String) -> URL { root.appending(path: path, directoryHint: .isDirectory) }
}
