import Cryptography
import Foundation
import Primitives
import Testing

@testable import Gateway

@Suite struct APIKeysTests {
    private let folder: ScratchFolder
    private let path: String

    init() throws {
        folder = try ScratchFolder()
        path = folder("api-keys.json")
    }

    @Test(arguments: [(true, "sk-gonka-devnet-"), (false, "sk-gonka-")])
    func aKeyIsKnownFromThenOn(isDevnet: Bool, prefix: String) throws {
        var keys = try APIKeys(path: path)
        let key = try keys.create(name: "laptop", isDevnet: isDevnet)
        #expect(key.hasPrefix(prefix) && key.utf8.count == prefix.utf8.count + 43)
        #expect(keys.key(of: key)?.name == "laptop")
        #expect(try APIKeys(path: path).key(of: key)?.name == "laptop")
        #expect(try folder.mode(of: "api-keys.json") == 0o600)
    }

    @Test func theFileHoldsNoKey() throws {
        var keys = try APIKeys(path: path)
        let key = try keys.create(name: "laptop", isDevnet: true)
        #expect(!(try folder.text(of: "api-keys.json")).contains(key.suffix(20)))
        #expect(!"\(keys)".contains(key.suffix(20)))
    }

    @Test func everyOtherTextIsNobody() throws {
        var keys = try APIKeys(path: path)
        let key = try keys.create(name: "laptop", isDevnet: false)
        _ = try keys.create(name: "server", isDevnet: false)
        for text in [
            "", "sk-gonka-", String(key.dropLast()), key + "x", key.uppercased(), String(repeating: "k", count: 9_999),
        ] {
            #expect(keys.key(of: text) == nil)
        }
    }

    @Test func keysDiffer() throws {
        var keys = try APIKeys(path: path)
        let made = try (0..<20).map { try keys.create(name: "\($0)", isDevnet: false) }
        #expect(Set(made).count == 20)
        #expect(keys.names == (0..<20).map(String.init))
    }

    @Test func aNameIsTakenOnce() throws {
        var keys = try APIKeys(path: path)
        _ = try keys.create(name: "laptop", isDevnet: false)
        #expect(throws: GatewayError.keyExists(name: "laptop")) { try keys.create(name: "laptop", isDevnet: false) }
    }

    @Test func aRemovedKeyIsRefused() throws {
        var keys = try APIKeys(path: path)
        let key = try keys.create(name: "laptop", isDevnet: false)
        #expect(try keys.remove(name: "laptop"))
        #expect(try !keys.remove(name: "laptop"))
        #expect(try APIKeys(path: path).key(of: key) == nil)
    }

    @Test func aRunningGatewayFollowsTheFile() throws {
        var keys = try APIKeys(path: path)
        let old = try keys.create(name: "laptop", isDevnet: false)
        let directory = KeyDirectory(keys)
        let new = try keys.create(name: "server", isDevnet: false)
        #expect(try keys.remove(name: "laptop"))
        #expect((directory.key(of: old)?.name, directory.key(of: new)?.name) == ("laptop", nil))
        try directory.refresh()
        #expect((directory.key(of: old)?.name, directory.key(of: new)?.name) == (nil, "server"))
    }

    @Test func aDamagedFileLocksNobodyOutOfARunningGateway() throws {
        var keys = try APIKeys(path: path)
        let key = try keys.create(name: "laptop", isDevnet: false)
        let directory = KeyDirectory(keys)
        try folder.write("{", to: "api-keys.json")
        #expect(throws: GatewayError.self) { try directory.refresh() }
        #expect(directory.key(of: key)?.name == "laptop")
    }

    @Test(arguments: ["", "{}", #"{"format":3,"keys":[]}"#, #"{"format":1,"keys":[{"name":"x","devnet":true}]}"#])
    func aDamagedFileIsNotTakenForAnEmptyOne(text: String) throws {
        try folder.write(text, to: "api-keys.json")
        #expect { try APIKeys(path: path) } throws: { error in
            guard case .damagedKeys = error as? GatewayError else { return false }
            return true
        }
    }

    /// Files of before terms are read; the next change writes the newer form.
    @Test func theFirstFormatIsStillRead() throws {
        let hash = String(repeating: "ab", count: 32)
        try folder.write(
            #"{"format":1,"keys":[{"name":"old","sha256":"\#(hash)","devnet":false}]}"#, to: "api-keys.json")
        var keys = try APIKeys(path: path)
        #expect(keys["old"]?.terms == KeyTerms())
        _ = try keys.create(name: "new", isDevnet: false)
        #expect(try folder.text(of: "api-keys.json").hasPrefix(#"{"format":2,"keys":[{"name":"old","sha256":"abab"#))
        #expect(try APIKeys(path: path).names == ["old", "new"])
    }

    @Test func termsComeBackAsTheyWereWritten() throws {
        let terms = KeyTerms(
            dayBudget: Amount(1), monthBudget: Amount(.max), totalBudget: .zero, requestsPerMinute: 3,
            tokensPerMinute: 4, models: ["a/b", "c"], expiry: 5, policy: "own first", isDisabled: true)
        var keys = try APIKeys(path: path)
        let key = try keys.create(name: "laptop", isDevnet: false, terms: terms)
        #expect(try APIKeys(path: path).key(of: key)?.terms == terms)
        let address = Fixtures.payer.publicKey.address
        try keys.list(address, name: "payer", terms: terms)
        #expect(try APIKeys(path: path).key(of: address)?.terms == terms)
        #expect(throws: GatewayError.keyExists(name: "again")) { try keys.list(address, name: "again") }
    }

    /// Two processes, each with a picture of its own of the file.
    @Test func nobodyUndoesWhatAnotherChanged() throws {
        var first = try APIKeys(path: path)
        var second = try APIKeys(path: path)
        _ = try first.create(name: "a", isDevnet: false)
        _ = try second.create(name: "b", isDevnet: false)
        _ = try first.change(name: "b") { (terms) throws(GatewayError) in terms.isDisabled = true }
        #expect(try second.remove(name: "a"))
        let keys = try APIKeys(path: path)
        #expect(keys.names == ["b"] && keys["b"]?.terms.isDisabled == true)
        #expect(throws: GatewayError.keyExists(name: "b")) { try first.create(name: "b", isDevnet: false) }
    }
}
