import Cryptography
import Foundation
import Primitives
import Testing

@testable import Wallet

private let abandon = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"

@Suite struct MnemonicTests {
    private struct Vector: Decodable {
        let language: String
        let entropy: String
        let words: String
        let seed: String
    }

    private static func vectors() throws -> [Vector] {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: tests.appendingPathComponent("Vectors/cryptography/bip39.json"))
        return try JSONDecoder().decode([Vector].self, from: data)
    }

    @Test func wordListIsThePublishedOne() {
        #expect(EnglishWords.all.count == 2048)
        let text = EnglishWords.all.map { $0 + "\n" }.joined()
        let expected = "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda"
        #expect(Hash32.sha256(utf8: text).description == expected)
    }

    @Test func englishVectors() throws {
        let vectors = try Self.vectors().filter { $0.language == "english" }
        #expect(vectors.count == 24)
        for vector in vectors {
            let entropy = Secret(try #require(Hex.decode(vector.entropy)))
            let mnemonic = try Mnemonic(entropy: entropy)
            #expect(mnemonic.revealed() == vector.words)
            #expect(try Mnemonic(vector.words).revealed() == vector.words)
            #expect(Hex.encode(mnemonic.seed(passphrase: "TREZOR").copiedBytes()) == vector.seed)
        }
    }

    /// Their word lists are not built in, but their seeds show that accents are normalized.
    @Test(arguments: ["french", "spanish"])
    func seedsOfOtherLanguages(language: String) throws {
        let vectors = try Self.vectors().filter { $0.language == language }
        #expect(vectors.count == 24)
        for vector in vectors {
            let seed = Mnemonic.seed(words: vector.words.precomposedStringWithCanonicalMapping, passphrase: "TREZOR")
            #expect(Hex.encode(seed.copiedBytes()) == vector.seed)
        }
        let vector = try #require(vectors.first { $0.words.utf8.count > $0.words.count })
        let seed = Mnemonic.seed(words: vector.words.decomposedStringWithCanonicalMapping, passphrase: "TREZOR")
        #expect(Hex.encode(seed.copiedBytes()) == vector.seed)
    }

    /// The first of the Japanese vectors that BIP-39 names: ideographic spaces, and a passphrase with compatibility and
    /// composed characters.
    @Test func japaneseNormalization() {
        let words = String(repeating: "あいこくしん\u{3000}", count: 11) + "あおぞら"
        let seed = Mnemonic.seed(words: words, passphrase: "㍍ガバヴァぱばぐゞちぢ十人十色")
        let expected =
            "a262d6fb6122ecf45be09c50492b31f92e9beb7d9a845987a02cefda57a15f9c"
            + "467a17872029a9e92299b5cbdf306e3a0ee620245cbd508959b6cb7ca637bd55"
        #expect(Hex.encode(seed.copiedBytes()) == expected)
    }

    /// What existing wallets make of the same words.
    @Test(arguments: [
        (118, "gonka19rl4cm2hmr8afy4kldpxz3fka4jguq0av42rch"), (1200, "gonka1k4swv40ur28fvu54p8mskjj4lxkgsj07u9f8ny"),
        (60, "gonka1gsvdpdxec8hsu57lhxg5xem7refr233zvyjnak"),
    ])
    func accountsOfTheWords(coinType: UInt32, address: String) throws {
        let key = try Mnemonic(abandon).privateKey(path: DerivationPath(coinType: coinType))
        #expect(key.publicKey.address.bech32 == address)
        if coinType == 1200 { #expect(try Mnemonic(abandon).privateKey().publicKey == key.publicKey) }
    }

    @Test func wordsAreReadAsPeopleTypeThem() throws {
        let typed = "  Abandon\tABANDON\n" + abandon.dropFirst(16) + " \n"
        #expect(try Mnemonic(typed).revealed() == abandon)
    }

    @Test func mistakesAreNamed() throws {
        #expect(throws: MnemonicError.wordCount(0)) { try Mnemonic("") }
        #expect(throws: MnemonicError.wordCount(11)) { try Mnemonic(String(abandon.dropLast(6))) }
        #expect(throws: MnemonicError.wordCount(13)) { try Mnemonic(abandon + " about") }
        #expect(throws: MnemonicError.unknownWord(position: 12)) { try Mnemonic(abandon + "x") }
        #expect(throws: MnemonicError.wrongChecksum) { try Mnemonic(String(abandon.dropLast(5)) + "abandon") }
        #expect(throws: MnemonicError.tooLong) { try Mnemonic(String(repeating: "abandon ", count: 1000)) }
        for count in [0, 12, 15, 17, 33, 36] {
            #expect(throws: MnemonicError.entropyLength(count)) {
                try Mnemonic(entropy: Secret(Bytes(repeating: 0, count: count)))
            }
        }
    }

    @Test func randomWordsAreNewAndValid() throws {
        let first = Mnemonic.random()
        #expect(first.revealed().split(separator: " ").count == 24)
        #expect(try Mnemonic(first.revealed()).revealed() == first.revealed())
        #expect(first.revealed() != Mnemonic.random().revealed())
    }

    @Test func wordsDoNotPrint() throws {
        let mnemonic = try Mnemonic(abandon)
        var dumped = ""
        dump([mnemonic], to: &dumped)
        for text in ["\(mnemonic)", String(reflecting: mnemonic), dumped] {
            #expect(text.contains("«redacted»") && !text.contains("abandon"))
        }
    }
}
