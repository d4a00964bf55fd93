import Cryptography
import Primitives
import WireFormat

/// The API keys of a gateway: a file with their names and SHA-256 hashes. A key itself is shown once, when it is made; it has
/// 256 random bits, so a plain hash tells nothing about it.
///
///     {"format":1,"keys":[{"name":"laptop","sha256":"<64 hex digits>","devnet":false}]}
public struct APIKeys: Sendable {
    /// What every key begins with, and those of a local trial network, which are worth nothing.
    public static let prefix = "sk-gonka-"
    public static let devnetPrefix = "sk-gonka-devnet-"

    private static let format: UInt64 = 1

    private struct Entry: Sendable {
        let name: String
        let hash: Bytes
        let isDevnet: Bool
    }

    private let path: String
    private var entries: [Entry]

    /// Reads the file; where there is none there are no keys.
    public init(path: String) throws(GatewayError) {
        self.path = path
        let bytes: Bytes?
        do { bytes = try SmallFile.contents(of: path) } catch { throw .cannotRead(path: path, reason: "\(error)") }
        entries = try bytes.map { (bytes) throws(GatewayError) in try Self.decode(bytes, path: path) } ?? []
    }

    /// The names of all keys, in the order in which they were made.
    public var names: [String] { entries.map(\.name) }

    /// Makes a key and writes it down.
    ///
    /// - Returns: the key, which is stored nowhere.
    /// - Throws: `.keyExists`, `.cannotWrite`.
    public mutating func create(name: String, isDevnet: Bool) throws(GatewayError) -> String {
        guard !entries.contains(where: { $0.name.utf8.elementsEqual(name.utf8) }) else { throw .keyExists(name: name) }
        guard entries.count < Limits.apiKeysMax else {
            throw .cannotWrite(path: path, reason: "it holds \(Limits.apiKeysMax) keys already")
        }
        let secret = Base64.encode(Secret.random(count: 32).copiedBytes(), .urlSafe)
        let key = (isDevnet ? Self.devnetPrefix : Self.prefix) + secret
        let entry = Entry(name: name, hash: Hash32.sha256(utf8: key).bytes, isDevnet: isDevnet)
        try write(entries + [entry])
        entries.append(entry)
        return key
    }

    /// The same file as it is now.
    func reread() throws(GatewayError) -> APIKeys { try APIKeys(path: path) }

    /// Removes the key of that name. A running gateway refuses it as soon as it has read the file again.
    ///
    /// - Returns: false where there is none.
    public mutating func remove(name: String) throws(GatewayError) -> Bool {
        let kept = entries.filter { !$0.name.utf8.elementsEqual(name.utf8) }
        guard kept.count < entries.count else { return false }
        try write(kept)
        entries = kept
        return true
    }

    /// The name of `key`, or nil where nobody was given it. Takes the same time for every key that is not one.
    func name(of key: String) -> String? {
        guard key.utf8.count <= Limits.apiKeyBytesMax else { return nil }
        let hash = Hash32.sha256(utf8: key).bytes
        var name: String?
        for entry in entries where entry.hash.equalsInConstantTime(hash) { name = entry.name }
        return name
    }

    private func write(_ entries: [Entry]) throws(GatewayError) {
        let keys = entries.map { entry -> JSONValue in
            [
                "name": .string(entry.name), "sha256": .string(Hex.encode(entry.hash)),
                "devnet": .boolean(entry.isDevnet),
            ]
        }
        let text: JSONValue = ["format": .number(Self.format), "keys": .array(keys)]
        do { try SmallFile.replace(path, with: text.encoded()) } catch {
            throw .cannotWrite(path: path, reason: "\(error)")
        }
    }

    private static func decode(_ bytes: Bytes, path: String) throws(GatewayError) -> [Entry] {
        let value: JSONValue
        do { value = try JSONParser.parse(bytes) } catch { throw .damagedKeys(path: path, reason: "\(error)") }
        guard value["format"]?.number?.uint64 == format, let keys = value["keys"]?.array else {
            throw .damagedKeys(path: path, reason: "it has another format")
        }
        var entries: [Entry] = []
        for key in keys {
            guard let name = key["name"]?.string, let isDevnet = key["devnet"]?.boolean,
                let hash = key["sha256"]?.string.flatMap({ Hex.decode($0) }), hash.count == Hash32.length
            else { throw .damagedKeys(path: path, reason: "a key lacks a field") }
            entries.append(Entry(name: name, hash: hash, isDevnet: isDevnet))
        }
        return entries
    }
}
