import Cryptography
import Foundation
import Primitives
import WireFormat

/// What a keyring tells about a key without opening it to use.
public struct KeyEntry: Hashable, Sendable {
    public let name: KeyName
    public let publicKey: PublicKey
    /// Made for a local trial network: it may be thrown away with it, and must never hold anything of value.
    public let isDevnet: Bool

    public var address: Address { publicKey.address }
}

/// Account keys in a folder: one JSON file each, mode 0600, never replaced. The keys are not encrypted; the file
/// permissions, and whatever encrypts the disk, protect them.
///
/// Blocking file access; calls from several tasks or processes at once are safe, since creating a file is atomic.
public struct Keyring: Sendable {
    private let folder: PrivateFolder

    /// Opens a folder, creating it with mode 0700 where it is missing; refuses one in which other users may write.
    public init(folder path: String) throws(KeyStoreError) {
        folder = PrivateFolder(path: path)
        try folder.prepare()
    }

    /// Stores a key under a name that is not taken.
    @discardableResult
    public func add(_ key: PrivateKey, as name: KeyName, isDevnet: Bool) throws(KeyStoreError) -> KeyEntry {
        let record = KeyRecord(entry: KeyEntry(name: name, publicKey: key.publicKey, isDevnet: isDevnet), key: key)
        try file(name).create(record.encoded())
        return record.entry
    }

    /// Makes a new account and returns the words from which it can be restored; they are stored nowhere.
    public func create(_ name: KeyName, isDevnet: Bool) throws -> (entry: KeyEntry, mnemonic: Mnemonic) {
        let mnemonic = Mnemonic.random()
        return (try restore(mnemonic, as: name, isDevnet: isDevnet), mnemonic)
    }

    /// Stores the account at `path` of `mnemonic`. Throws `KeyStoreError` or `DerivationError`.
    @discardableResult
    public func restore(
        _ mnemonic: Mnemonic, as name: KeyName, path: DerivationPath = .account, isDevnet: Bool
    ) throws -> KeyEntry {
        try add(try mnemonic.privateKey(path: path), as: name, isDevnet: isDevnet)
    }

    /// The key of that name.
    public func privateKey(_ name: KeyName) throws(KeyStoreError) -> PrivateKey { try record(name).key }

    /// What is known about the key of that name.
    public func entry(_ name: KeyName) throws(KeyStoreError) -> KeyEntry { try record(name).entry }

    /// All keys, by name. Files with other names are none of its business; a key file that is broken is an error.
    public func list() throws(KeyStoreError) -> [KeyEntry] {
        let names = try folder.names().compactMap { name in
            name.hasSuffix(Keyring.suffix) ? KeyName(String(name.dropLast(Keyring.suffix.count))) : nil
        }
        guard names.count <= Limits.keysMax else { throw .tooManyKeys(path: folder.path) }
        var entries: [KeyEntry] = []
        for name in names.sorted() { entries.append(try entry(name)) }
        return entries
    }

    /// Removes the key of that name for good.
    public func delete(_ name: KeyName) throws(KeyStoreError) { try file(name).delete() }

    private static let suffix = ".json"

    private func file(_ name: KeyName) -> PrivateFile {
        PrivateFile(path: (folder.path as NSString).appendingPathComponent("\(name)\(Keyring.suffix)"))
    }

    private func record(_ name: KeyName) throws(KeyStoreError) -> KeyRecord {
        let file = file(name)
        let record: KeyRecord
        do {
            record = try KeyRecord(decoding: try file.read())
        } catch let error as KeyRecord.Malformed {
            throw .malformed(path: file.path, reason: error.reason)
        } catch let error as KeyStoreError {
            throw error
        } catch {
            throw .malformed(path: file.path, reason: "unreadable")
        }
        guard record.entry.name == name else {
            throw .malformed(path: file.path, reason: "it holds another key's name")
        }
        return record
    }
}
