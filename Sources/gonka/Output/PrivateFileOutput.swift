import Foundation
import Primitives

/// A file that only its owner may read, opened before the work whose result it takes: what cannot be kept is not paid for.
///
/// Appears under its name by one rename, whole or not at all.
struct PrivateFileOutput {
    private let path: String
    private let draft: String
    private let file: FileHandle

    /// - Throws: `OperatorError` where no file can be made there.
    init(_ path: String) throws {
        self.path = path
        draft = "\(path).\(ProcessInfo.processInfo.processIdentifier).new"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw OperatorError("\(path) cannot be written; choose a file in a folder that exists and is yours.")
        }
        file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    func write(_ bytes: Bytes) throws {
        do {
            try file.write(contentsOf: Data(bytes))
            try file.synchronize()
        } catch {
            discard()
            throw OperatorError("\(path) cannot be written; see to the disk.")
        }
        guard rename(draft, path) == 0 else {
            discard()
            throw OperatorError("\(path) cannot be replaced; see to its permissions.")
        }
    }

    /// Leaves what is there under the name as it was.
    func discard() { unlink(draft) }
}
