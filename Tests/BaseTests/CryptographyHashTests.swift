import Crypto
import Cryptography
import Primitives
import Testing

@testable import Cryptography

private let alphabet = "abcdefghijklmnopqrstuvwxyz"

@Suite struct CryptographyHashTests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
        (String(repeating: "a", count: 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ])
    func sha256Vectors(text: String, digest: String) throws {
        #expect(Hash32.sha256(utf8: text).description == digest)
    }

    /// libcrypto and swift-crypto agree at every length around the block borders.
    @Test func sha256AgreesWithOthersAtEveryLength() {
        for length in 0...260 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length) }
            let expected = Bytes(Crypto.SHA256.hash(data: bytes))
            #expect(Hash32.sha256(bytes).bytes == expected)
            #expect(Hash32.sha256(bytes[...]).bytes == expected)
        }
    }

    @Test func sha256IsTheSameHoweverItIsCut() {
        let bytes = (0..<200).map { UInt8($0) }
        let expected = Hash32.sha256(bytes)
        for first in stride(from: 0, through: 200, by: 3) {
            for second in stride(from: first, through: 200, by: 7) {
                var hasher = SHA256Hasher()
                hasher.update(bytes[..<first])
                hasher.update(bytes[first..<second])
                hasher.update(Bytes(bytes[second...]))
                #expect(hasher.finalize() == expected)
            }
        }
    }

    @Test func aHasherGoesOnAfterItsHashIsRead() {
        var hasher = SHA256Hasher()
        hasher.update(Bytes("a".utf8))
        let fork = hasher
        #expect(hasher.finalize() == Hash32.sha256(utf8: "a"))
        hasher.update(Bytes("b".utf8))
        #expect(hasher.finalize() == Hash32.sha256(utf8: "ab"))
        #expect(fork.finalize() == Hash32.sha256(utf8: "a"))
    }

    @Test func piecesOfATreeNodeAreHashedAsTheirBytes() {
        let (left, right) = (Hash32.sha256(utf8: "left"), Hash32.sha256(utf8: "right"))
        #expect(Hash32.sha256(tag: 1, left: left, right: right) == Hash32.sha256([1] + left.bytes + right.bytes))
        var hasher = SHA256Hasher()
        hasher.update(7 as UInt8)
        hasher.update(left)
        hasher.update(bigEndian: 0x0102_0304_0506_0708)
        #expect(hasher.finalize() == Hash32.sha256([7] + left.bytes + [1, 2, 3, 4, 5, 6, 7, 8]))
    }

    @Test(arguments: [
        ("", "9c1185a5c5e9fc54612808977ee8f548b2258d31"), ("a", "0bdc9d2d256b3ee9daae347be6f4dc835a467ffe"),
        ("abc", "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"),
        ("message digest", "5d0689ef49d2fae572b881b123a85ffa21595f36"),
        (alphabet, "f71c27109c692c1b56bbdceb5b9d2865b3708dbc"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "12a053384a9c0c88e405a06c27dcf49ada62eb2b"
        ),
        (alphabet.uppercased() + alphabet + "0123456789", "b0e20b6e3116640286ed3a87a5713079b21f5189"),
        (String(repeating: "1234567890", count: 8), "9b752e45573d4b39f4dbd3323cab82bf63326bfb"),
    ])
    func ripemd160Vectors(text: String, digest: String) {
        #expect(Hex.encode(RIPEMD160.hash(Bytes(text.utf8))) == digest)
    }

    /// The inputs of RFC 6070, with HMAC-SHA-512 in place of HMAC-SHA-1.
    @Test(arguments: [
        (
            1,
            "867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252"
                + "c02d470a285a0501bad999bfe943c08f050235d7d68b1da55e63f73b60a57fce"
        ),
        (
            2,
            "e1d9c16aa681708a45f5c7c4e215ceb66e011a2e9f0040713f18aefdb866d53c"
                + "f76cab2868a39b9f7840edce4fef5a82be67335c77a6068e04112754f27ccf4e"
        ),
    ])
    func pbkdf2Vectors(rounds: Int, derived: String) {
        let key = PBKDF2.sha512(password: Bytes("password".utf8), salt: Bytes("salt".utf8), rounds: rounds)
        #expect(Hex.encode(key.copiedBytes()) == derived)
    }

    @Test func constantTimeComparisonComparesEveryByte() {
        let bytes = Bytes(0..<32)
        #expect(bytes.equalsInConstantTime(Bytes(0..<32)))
        #expect(Bytes().equalsInConstantTime([]))
        #expect(!bytes.equalsInConstantTime(Bytes(0..<31)))
        for index in bytes.indices {
            var other = bytes
            other[index] ^= 0x80
            #expect(!bytes.equalsInConstantTime(other))
            #expect(!Secret(bytes).equalsInConstantTime(Secret(other)))
        }
    }
}
