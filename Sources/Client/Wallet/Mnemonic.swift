import Cryptography
import Foundation
import Primitives

/// Why a text is not a mnemonic. Names positions, never words: they are the secret.
public enum MnemonicError: Error, Equatable, Sendable {
    /// A mnemonic has 12, 15, 18, 21 or 24 words.
    case wordCount(Int)
    /// The word at this position, from 1, is not in the list.
    case unknownWord(position: Int)
    /// All words are known, but they do not fit together: one is wrong or two have changed places.
    case wrongChecksum
    /// Entropy has 16, 20, 24, 28 or 32 bytes.
    case entropyLength(Int)
    /// Far longer than 24 words.
    case tooLong
}

/// The words from which an account can be restored (BIP-39, English list).
public struct Mnemonic: Sendable, Redacted {
    /// The words in lower case with one space between, as UTF-8.
    private let words: Secret

    /// Reads words as a person types them: in any case, with any white space between and around.
    public init(_ text: String) throws(MnemonicError) {
        guard text.utf8.count <= Limits.mnemonicBytesMax else { throw .tooLong }
        let words = Mnemonic.normalized(text).lowercased().split(whereSeparator: \.isWhitespace)
        guard Mnemonic.wordCounts.contains(words.count) else { throw .wordCount(words.count) }
        var bits: [Bool] = []
        for (offset, word) in words.enumerated() {
            guard let index = EnglishWords.all.firstIndex(of: word) else { throw .unknownWord(position: offset + 1) }
            for shift in (0..<11).reversed() { bits.append(index >> shift & 1 == 1) }
        }
        let entropy = Mnemonic.bytes(bits.prefix(bits.count * 32 / 33))
        guard bits == Mnemonic.bitsWithChecksum(entropy) else { throw .wrongChecksum }
        self.words = Secret(Bytes(words.joined(separator: " ").utf8))
    }

    /// The words for `entropy` of 16 to 32 bytes, a multiple of 4.
    public init(entropy: Secret) throws(MnemonicError) {
        guard (16...32).contains(entropy.count), entropy.count.isMultiple(of: 4) else {
            throw .entropyLength(entropy.count)
        }
        let bits = Mnemonic.bitsWithChecksum(entropy.copiedBytes())
        let words = stride(from: 0, to: bits.count, by: 11).map { start in
            EnglishWords.all[bits[start..<(start + 11)].reduce(0) { $0 << 1 | ($1 ? 1 : 0) }]
        }
        self.words = Secret(Bytes(words.joined(separator: " ").utf8))
    }

    /// 24 words from the system's cryptographic randomness.
    public static func random() -> Mnemonic {
        do {
            return try Mnemonic(entropy: Secret.random(count: 32))
        } catch {
            preconditionFailure("32 bytes are a valid entropy")
        }
    }

    /// The words in the clear, to be shown once to the one who writes them down.
    public func revealed() -> String { String(decoding: words.copiedBytes(), as: UTF8.self) }

    /// The 64-byte seed. Every passphrase gives a seed of its own; there is no wrong one.
    public func seed(passphrase: String = "") -> Secret { Mnemonic.seed(words: revealed(), passphrase: passphrase) }

    /// The account key at `path`.
    public func privateKey(
        path: DerivationPath = .account, passphrase: String = ""
    ) throws(DerivationError) -> PrivateKey {
        try HDKey(seed: seed(passphrase: passphrase)).derived(path).privateKey
    }

    /// The seed of words in any language: PBKDF2 with HMAC-SHA-512, 2048 rounds, both texts in normalization form NFKD.
    static func seed(words: String, passphrase: String) -> Secret {
        PBKDF2.sha512(
            password: Bytes(normalized(words).utf8), salt: Bytes(normalized("mnemonic" + passphrase).utf8), rounds: 2048
        )
    }

    private static let wordCounts = [12, 15, 18, 21, 24]

    private static func normalized(_ text: String) -> String { text.decomposedStringWithCompatibilityMapping }

    /// The entropy's bits, then the first bit of its SHA-256 for every 32 of them.
    private static func bitsWithChecksum(_ entropy: Bytes) -> [Bool] {
        var bits: [Bool] = []
        for byte in entropy + Hash32.sha256(entropy).bytes {
            for shift in (0..<8).reversed() { bits.append(byte >> UInt8(shift) & 1 == 1) }
        }
        return Array(bits.prefix(entropy.count * 8 * 33 / 32))
    }

    private static func bytes(_ bits: ArraySlice<Bool>) -> Bytes {
        stride(from: 0, to: bits.count, by: 8).map { start in
            bits[start..<(start + 8)].reduce(0) { $0 << 1 | ($1 ? 1 : 0) }
        }
    }
}
