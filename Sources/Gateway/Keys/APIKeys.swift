import Cryptography
import Primitives
import WireFormat

/// The API keys of a gateway: a file with their names, their terms, and their SHA-256 hashes or the addresses that they stand
/// for. A key itself is shown once, when it is made; it has 256 random bits, so a plain hash tells nothing about it.
///
///     {"format":2,"keys":[{"name":"laptop","sha256":"<64 hex digits>","devnet":false,"budget_day":5000000000}]}
///
/// Format 1, without terms and addresses, is read too; the next change writes format 2. Several processes may change the
/// file: each change reads it anew, under a lock.
public struct APIKeys: Sendable {
    /// What every key begins with, and those of a local trial network, which are worth nothing.
    public static let prefix = "sk-gonka-"
    public static let devnetPrefix = "sk-gonka-devnet-"

    private static let format: UInt64 = 2
    private static let formatsRead: ClosedRange<UInt64> = 1...2

    private let path: String
    /// In the order in which they were made.
    public private(set) var keys: [APIKey]

    /// Reads the file; where there is none there are no keys.
    public init(path: String) throws(GatewayError) {
        self.path = path
        let bytes: Bytes?
        do { bytes = try SmallFile.contents(of: path) } catch { throw .cannotRead(path: path, reason: "\(error)") }
        keys = try bytes.map { (bytes) throws(GatewayError) in try Self.decode(bytes, path: path) } ?? []
    }

    /// The names of all keys, in the order in which they were made.
    public var names: [String] { keys.map(\.name) }

    /// The key of that name, or nil.
    public subscript(name: String) -> APIKey? { keys.first { $0.name.utf8.elementsEqual(name.utf8) } }

    // MARK: Changes

    /// Makes a key and writes it down.
    ///
    /// - Returns: the key, which is stored nowhere.
    /// - Throws: `.keyExists`, `.unusableKey`, `.cannotWrite`.
    public mutating func create(
        name: String, isDevnet: Bool, terms: KeyTerms = KeyTerms()
    ) throws(GatewayError) -> String {
        let secret = Base64.encode(Secret.random(count: 32).copiedBytes(), .urlSafe)
        let text = (isDevnet ? Self.devnetPrefix : Self.prefix) + secret
        try add(
            APIKey(name: name, credential: .secret(hash: .sha256(utf8: text)), isDevnet: isDevnet, terms: terms))
        return text
    }

    /// Lets an account in that signs its requests.
    ///
    /// - Throws: `.keyExists` also where the address is listed under another name, `.unusableKey`, `.cannotWrite`.
    public mutating func list(_ address: Address, name: String, terms: KeyTerms = KeyTerms()) throws(GatewayError) {
        try add(APIKey(name: name, credential: .address(address), isDevnet: false, terms: terms))
    }

    /// Changes the terms of the key of that name. A running gateway goes by them as soon as it has read the file again.
    ///
    /// - Returns: the key as it is now, or nil where there is none of that name.
    /// - Throws: what `change` throws, in which case nothing is changed.
    public mutating func change(
        name: String, _ change: (inout KeyTerms) throws(GatewayError) -> Void
    ) throws(GatewayError) -> APIKey? {
        var changed: APIKey?
        try update { (keys) throws(GatewayError) in
            guard let index = keys.firstIndex(where: { $0.name.utf8.elementsEqual(name.utf8) }) else { return false }
            try change(&keys[index].terms)
            changed = keys[index]
            return true
        }
        return changed
    }

    /// Removes the key of that name. A running gateway refuses it as soon as it has read the file again.
    ///
    /// - Returns: false where there is none.
    public mutating func remove(name: String) throws(GatewayError) -> Bool {
        var isFound = false
        try update { (keys) throws(GatewayError) in
            let kept = keys.filter { !$0.name.utf8.elementsEqual(name.utf8) }
            isFound = kept.count < keys.count
            keys = kept
            return isFound
        }
        return isFound
    }

    private mutating func add(_ key: APIKey) throws(GatewayError) {
        guard Self.isName(key.name), Address(bech32: key.name).map({ $0 == key.address }) ?? true else {
            throw .unusableKey(
                reason: "a name has 1 to \(Limits.keyNameBytesMax) bytes without control characters, "
                    + "and is no other account's address")
        }
        let path = path
        try update { (keys) throws(GatewayError) in
            guard !keys.contains(where: { $0.collides(with: key) }) else { throw .keyExists(name: key.name) }
            guard keys.count < Limits.apiKeysMax else {
                throw .cannotWrite(path: path, reason: "it holds \(Limits.apiKeysMax) keys already")
            }
            keys.append(key)
            return true
        }
    }

    /// Reads the file anew, and writes it where `change` says so.
    private mutating func update(
        _ change: (inout [APIKey]) throws(GatewayError) -> Bool
    ) throws(GatewayError) {
        let lock: FileLock
        do { lock = try FileLock(path + ".lock") } catch { throw .cannotWrite(path: path, reason: "\(error)") }
        defer { withExtendedLifetime(lock) {} }
        var newest = try reread().keys
        if try change(&newest) { try write(newest) }
        keys = newest
    }

    // MARK: Looking up

    /// The same file as it is now.
    func reread() throws(GatewayError) -> APIKeys { try APIKeys(path: path) }

    /// Whose secret `text` is, or nil where nobody was given it. Takes the same time for every text that is none.
    func key(of text: String) -> APIKey? {
        guard text.utf8.count <= Limits.apiKeyBytesMax else { return nil }
        let hash = Hash32.sha256(utf8: text).bytes
        var found: APIKey?
        for key in keys {
            if case .secret(let known) = key.credential, known.bytes.equalsInConstantTime(hash) { found = key }
        }
        return found
    }

    /// The key of an account that signs its requests.
    func key(of address: Address) -> APIKey? { keys.first { $0.address == address } }

    /// 1 to 128 bytes of UTF-8 without control characters.
    static func isName(_ text: String) -> Bool {
        (1...Limits.keyNameBytesMax).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) }
    }

    // MARK: The file

    private func write(_ keys: [APIKey]) throws(GatewayError) {
        let text: JSONValue = ["format": .number(Self.format), "keys": .array(keys.map(\.stored))]
        do { try SmallFile.replace(path, with: text.encoded()) } catch {
            throw .cannotWrite(path: path, reason: "\(error)")
        }
    }

    private static func decode(_ bytes: Bytes, path: String) throws(GatewayError) -> [APIKey] {
        let value: JSONValue
        do { value = try JSONParser.parse(bytes) } catch { throw .damagedKeys(path: path, reason: "\(error)") }
        guard let format = value["format"]?.number?.uint64, formatsRead.contains(format),
            let stored = value["keys"]?.array
        else { throw .damagedKeys(path: path, reason: "it has another format") }
        var keys: [APIKey] = []
        for value in stored {
            guard let key = APIKey(stored: value) else { throw .damagedKeys(path: path, reason: "a key lacks a field") }
            keys.append(key)
        }
        return keys
    }
}

extension APIKey {
    fileprivate func collides(with other: APIKey) -> Bool {
        name.utf8.elementsEqual(other.name.utf8) || address.map { $0 == other.address } ?? false
    }

    /// As it stands in the file.
    fileprivate var stored: JSONValue {
        var object = JSONObject()
        object.append("name", .string(name))
        switch credential {
        case .secret(let hash): object.append("sha256", .string(Hex.encode(hash.bytes)))
        case .address(let address): object.append("address", .string(address.bech32))
        }
        object.append("devnet", .boolean(isDevnet))
        for member in terms.members { object.append(member.key, member.value) }
        return .object(object)
    }

    fileprivate init?(stored value: JSONValue) {
        guard let name = value["name"]?.string, let isDevnet = value["devnet"]?.boolean else { return nil }
        var terms = KeyTerms()
        do { try terms.take(value) } catch { return nil }
        if let hash = value["sha256"]?.string.flatMap({ Hex.decode($0) }).flatMap({ Hash32($0) }) {
            self.init(name: name, credential: .secret(hash: hash), isDevnet: isDevnet, terms: terms)
        } else if let address = value["address"]?.string.flatMap({ Address(bech32: $0) }) {
            self.init(name: name, credential: .address(address), isDevnet: isDevnet, terms: terms)
        } else {
            return nil
        }
    }
}
