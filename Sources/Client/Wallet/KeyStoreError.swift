/// Why a key could not be stored or read. Each description is one sentence for the operator, with what to do.
public enum KeyStoreError: Error, Equatable, Sendable {
    /// Others may read the file, or change what the directory holds; `mode` are its permission bits.
    case permissions(path: String, mode: UInt32)
    /// The file belongs to another user.
    case owner(path: String)
    /// Not a regular file, or not a directory: a link, a device, a pipe.
    case kind(path: String)
    /// The file is longer than any key file.
    case tooLarge(path: String)
    /// The file is not what this software writes.
    case malformed(path: String, reason: String)
    case notFound(path: String)
    case alreadyExists(path: String)
    case tooManyKeys(path: String)
    /// The system refused; `code` is its `errno`.
    case system(path: String, operation: String, code: Int32)
}

extension KeyStoreError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .permissions(let path, let mode):
            "\(path) is open to other users (mode \(String(mode, radix: 8))); run `chmod go-rwx \(path)`, and replace the key "
                + "if others may have read it."
        case .owner(let path): "\(path) belongs to another user; run as its owner, or copy the key with `gonka keys`."
        case .kind(let path): "\(path) is not a plain file or folder; put the key there itself, not a link to it."
        case .tooLarge(let path): "\(path) is too long to be a key file; check what wrote it."
        case .malformed(let path, let reason):
            "\(path) is not a key file (\(reason)); restore it from a backup or its words."
        case .notFound(let path): "\(path) does not exist; list the keys with `gonka keys list`."
        case .alreadyExists(let path): "\(path) exists already; choose another name, or delete that key first."
        case .tooManyKeys(let path): "\(path) holds more keys than this software lists; use another folder."
        case .system(let path, let operation, let code):
            "cannot \(operation) \(path) (errno \(code)); check the disk and the folder."
        }
    }
}
