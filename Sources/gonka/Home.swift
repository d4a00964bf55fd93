import Foundation
import Primitives

/// The folder in which everything of this user's gonka lies: `--home`, else `GONKA_HOME`, else `~/.gonka`.
struct Home {
    private static let format = "1"

    let path: String
    /// What named it: `--home`, `GONKA_HOME` or `default`.
    let origin: String

    init(_ flag: String?) {
        let variable = ProcessInfo.processInfo.environment["GONKA_HOME"].flatMap { $0.isEmpty ? nil : $0 }
        // Absolute: sockets and other processes are told of it.
        path = URL(fileURLWithPath: flag ?? variable ?? NSHomeDirectory() + "/.gonka").standardizedFileURL.path
        origin = flag != nil ? "--home" : variable != nil ? "GONKA_HOME" : SettingOrigin.fallback.rawValue
    }

    /// Creates the folder where it is missing, with mode 0700, and checks that this program can read it.
    func prepare() throws {
        try Self.makeFolder(path)
        let file = path + "/format"
        if let data = FileManager.default.contents(atPath: file) {
            let found = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            guard found == Self.format else {
                throw OperatorError(
                    "\(path) has format \(found.prefix(16).debugDescription) and this program reads \(Self.format); "
                        + "use the version that wrote it, or another --home.")
            }
        } else {
            try Data((Self.format + "\n").utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
        }
    }

    /// A folder below, created where it is missing.
    func folder(_ name: String) throws -> String {
        let folder = path + "/" + name
        try Self.makeFolder(folder)
        return folder
    }

    private static func makeFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw OperatorError("\(path) cannot be created; choose another folder with --home.")
        }
    }
}

/// Holds a home for one process; the kernel lets go when the process ends, however it ends.
final class HomeLock {
    private let file: Int32

    init(_ home: Home) throws {
        file = open(home.path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw OperatorError("\(home.path)/lock cannot be opened; see to its permissions.") }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            close(file)
            throw OperatorError(
                "another gonka is running in \(home.path); stop it first, or choose another folder with --home.")
        }
    }

    deinit { close(file) }
}
