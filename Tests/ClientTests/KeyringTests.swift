import Cryptography
import Foundation
import Primitives
import Testing
import Wallet

@Suite struct KeyringTests {
    private let folder: TemporaryFolder
    private let keyring: Keyring
    private let host: KeyName
    private let key: PrivateKey

    init() throws {
        folder = try TemporaryFolder()
        keyring = try Keyring(folder: folder("keys"))
        host = try #require(KeyName("host-1"))
        key = try #require(PrivateKey(Secret(Bytes(repeating: 0x11, count: 32))))
    }

    @Test func aKeyComesBackFromItsWords() throws {
        let (entry, mnemonic) = try keyring.create(host, isDevnet: true)
        #expect(try keyring.entry(host) == entry)
        #expect(try keyring.privateKey(host).publicKey == entry.publicKey)
        try keyring.delete(host)
        #expect(try keyring.list() == [])
        let restored = try keyring.restore(Mnemonic(mnemonic.revealed()), as: host, isDevnet: true)
        #expect(restored == entry)
    }

    @Test func theFileIsPrivateAndReadable() throws {
        try keyring.add(key, as: host, isDevnet: true)
        #expect(try folder.mode("keys") == 0o700)
        #expect(try folder.mode("keys/host-1.json") == 0o600)
        let expected =
            #"{"address":"gonka1l3e9pgs3mmwuwrh95fecme0s0qtn2880el49wm","devnet":true,"name":"host-1","privateKey":""#
            + String(repeating: "11", count: 32)
            + #"","publicKey":"034f355bdcb7cc0af728ef3cceb9615d90684bb5b2ca5f859ab0f0b704075871aa"}"# + "\n"
        #expect(try folder.text("keys/host-1.json") == expected)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder("keys")) == ["host-1.json"])
    }

    @Test func keysAreListedByName() throws {
        for name in ["zeta", "alpha", "host-2", "host-10"] {
            try keyring.add(PrivateKey.random(), as: try #require(KeyName(name)), isDevnet: name == "zeta")
        }
        try folder.write("not a key", to: "keys/notes.txt")
        try folder.write("not a key", to: "keys/Upper.json")
        let entries = try keyring.list()
        #expect(entries.map(\.name.description) == ["alpha", "host-10", "host-2", "zeta"])
        #expect(entries.map(\.isDevnet) == [false, false, false, true])
    }

    @Test func aKeyIsNeverReplaced() throws {
        try keyring.add(key, as: host, isDevnet: false)
        let path = folder("keys/host-1.json")
        #expect(throws: KeyStoreError.alreadyExists(path: path)) {
            try keyring.add(PrivateKey.random(), as: host, isDevnet: false)
        }
        #expect(try keyring.privateKey(host).publicKey == key.publicKey)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder("keys")) == ["host-1.json"])
    }

    @Test func missingKeysAreNamed() throws {
        let error = KeyStoreError.notFound(path: folder("keys/host-1.json"))
        #expect(throws: error) { try keyring.privateKey(host) }
        #expect(throws: error) { try keyring.delete(host) }
    }

    @Test(arguments: [0o644, 0o640, 0o604, 0o660, 0o602, 0o601] as [mode_t])
    func filesOpenToOthersAreRefused(mode: mode_t) throws {
        try keyring.add(key, as: host, isDevnet: false)
        let path = folder("keys/host-1.json")
        #expect(chmod(path, mode) == 0)
        #expect(throws: KeyStoreError.permissions(path: path, mode: UInt32(mode))) { try keyring.privateKey(host) }
        #expect(throws: KeyStoreError.permissions(path: path, mode: UInt32(mode))) { try keyring.list() }
    }

    @Test func foldersInWhichOthersMayWriteAreRefused() throws {
        #expect(chmod(folder("keys"), 0o770) == 0)
        #expect(throws: KeyStoreError.permissions(path: folder("keys"), mode: 0o770)) {
            try Keyring(folder: folder("keys"))
        }
    }

    @Test func missingParentsAreMadePrivate() throws {
        _ = try Keyring(folder: folder("home/network/keys"))
        #expect(try folder.mode("home") == 0o700)
        #expect(try folder.mode("home/network") == 0o700)
        try folder.write("", to: "file")
        #expect(throws: KeyStoreError.kind(path: folder("file"))) { try Keyring(folder: folder("file")) }
    }

    @Test func linksAndFoldersAreNotKeyFiles() throws {
        try keyring.add(key, as: host, isDevnet: false)
        let link = try #require(KeyName("link"))
        #expect(symlink("host-1.json", folder("keys/link.json")) == 0)
        #expect(throws: KeyStoreError.kind(path: folder("keys/link.json"))) { try keyring.privateKey(link) }
        let directory = try #require(KeyName("directory"))
        #expect(mkdir(folder("keys/directory.json"), 0o700) == 0)
        #expect(throws: KeyStoreError.kind(path: folder("keys/directory.json"))) { try keyring.privateKey(directory) }
    }

    /// Each text is put in the place of the other in a good file.
    @Test(arguments: [
        ("{", "["), ("\"devnet\":false,", ""), ("false", "\"false\""), ("host-1", "host-2"), ("host-1", "../host-1"),
        ("1111", "2222"), ("gonka1l3e9", "gonka1l3e8"), ("034f", "024f"), ("\"}", "\",\"name\":\"host-1\"}"), ("}", ""),
        (String(repeating: "1", count: 64), String(repeating: "0", count: 64)), ("\n", "\nx"),
    ])
    func brokenFilesAreRefused(original: String, replacement: String) throws {
        try keyring.add(key, as: host, isDevnet: false)
        let text = try folder.text("keys/host-1.json")
        #expect(text.contains(original))
        try folder.write(text.replacingOccurrences(of: original, with: replacement), to: "keys/host-1.json")
        let error = #expect(throws: KeyStoreError.self) { try keyring.privateKey(host) }
        guard case .malformed(let path, let reason) = error else {
            Issue.record("not malformed but \(String(describing: error))")
            return
        }
        #expect(path == folder("keys/host-1.json"))
        #expect(!reason.contains("1111") && !reason.contains("2222"))
    }

    @Test func longFilesAreRefused() throws {
        try folder.write(String(repeating: " ", count: 20_000), to: "keys/host-1.json")
        #expect(throws: KeyStoreError.tooLarge(path: folder("keys/host-1.json"))) { try keyring.privateKey(host) }
    }

    @Test func names() {
        for text in ["a", "0", "host-1", "a_b", String(repeating: "a", count: 64)] {
            #expect(KeyName(text)?.description == text)
        }
        for text in [
            "", ".", "..", "../a", "a/b", "a.b", "-a", "_a", "A", "a b", "a\n", "é", "a\u{0}",
            String(repeating: "a", count: 65),
        ] {
            #expect(KeyName(text) == nil, "\(text.debugDescription)")
        }
    }
}
