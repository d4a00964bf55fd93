import Primitives

/// A secret in a file of one line that only its owner may read, such as the token that an ML node and its hosts share.
public struct SecretTextFile: Sendable {
    private let file: PrivateFile

    public init(path: String) { file = PrivateFile(path: path) }

    /// Stores `text` and a line end with mode 0600; never replaces a file.
    public func create(_ text: String) throws(KeyStoreError) {
        try file.create(Bytes(text.utf8) + [UInt8(ascii: "\n")])
    }

    /// The file's text; refuses a file that others may read.
    public func load() throws(KeyStoreError) -> String { String(decoding: try file.read(), as: UTF8.self) }
}
