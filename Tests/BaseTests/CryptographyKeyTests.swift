import Cryptography
import Primitives
import Testing

@Suite struct CryptographyKeyTests {
    private struct Derivation: Decodable {
        let seed: String
        let path: String
        let publicKey: String
        let privateKey: String
    }

    @Test func bip32() throws {
        let vectors = try CryptographyVectors.load("bip32.json", as: [Derivation].self)
        #expect(vectors.count == 12)
        for vector in vectors {
            let path = try #require(DerivationPath(vector.path))
            let key = try HDKey(seed: Secret(try hex(vector.seed))).derived(path)
            // version 4, depth 1, parent 4, index 4, chain code 32, key 33
            let privateForm = try #require(Base58Check.decode(vector.privateKey))
            let publicForm = try #require(Base58Check.decode(vector.publicKey))
            #expect(key.chainCode.copiedBytes() == Bytes(privateForm[13..<45]))
            #expect([0] + key.privateKey.secret.copiedBytes() == Bytes(privateForm[45..<78]))
            #expect(key.privateKey.publicKey.compressed == Bytes(publicForm[45..<78]))
        }
    }

    @Test(arguments: [0, 15, 65])
    func seedsOfAnotherLengthAreRefused(count: Int) {
        #expect(throws: DerivationError.seedLength(count)) {
            try HDKey(seed: Secret(Bytes(repeating: 1, count: count)))
        }
    }

    @Test func paths() {
        let hardened = DerivationPath.hardened
        #expect(DerivationPath("m/44'/1200'/0'/0/0") == .account)
        #expect(DerivationPath("m/44h/118h/0h/0/0") == DerivationPath(coinType: 118))
        #expect(DerivationPath("m")?.indices == [])
        #expect(DerivationPath("m/2147483647'")?.indices == [.max])
        #expect(DerivationPath("m/0/1'")?.indices == [0, hardened | 1])
        let long = "m" + String(repeating: "/1", count: DerivationPath.depthMax)
        #expect(DerivationPath(long)?.indices.count == DerivationPath.depthMax)
        for text in [
            "", "M/0", "0/1", "m/", "m//0", "/0", "m/-1", "m/+1", "m/01", "m/2147483648", "m/0''", "m/x", "m/0 ",
            "m/0/", "m/٣",
            long + "/1",
        ] {
            #expect(DerivationPath(text) == nil, "\(text)")
        }
    }

    /// RFC 8032, section 7.1; the addresses are the first 20 bytes of SHA-256 of the keys.
    @Test(arguments: [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
                + "d25bf5f0595bbe24655141438e7a100b",
            "21fe31dfa154a261626bf854046fd2271b7bed4b"
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
                + "387b2eaeb4302aeeb00d291612bb0c00",
            "39f713d0a644253f04529421b9f51b9b08979d08"
        ),
    ])
    func ed25519Vectors(
        seed: String, publicKey: String, message: String, signature: String, address: String
    ) throws {
        let key = try #require(ConsensusPrivateKey(Secret(try hex(seed))))
        #expect(Hex.encode(key.publicKey.bytes) == publicKey)
        #expect(Hex.encode(key.publicKey.address.bytes) == address)
        #expect(Hex.encode(key.secret.copiedBytes()) == seed)
        #expect(key.publicKey.verify(try hex(signature), of: try hex(message)))
        #expect(key.publicKey.verify(key.sign(try hex(message)), of: try hex(message)))
        #expect(!key.publicKey.verify(try hex(signature), of: try hex(message + "00")))
    }

    @Test func ed25519Wycheproof() throws {
        struct Group: Decodable {
            let publicKey: String
            let cases: [Case]
            struct Case: Decodable {
                let id: Int
                let message: String
                let signature: String
                let isValid: Bool
            }
        }
        var accepted = 0
        for group in try CryptographyVectors.load("wycheproof_ed25519.json", as: [Group].self) {
            let key = try #require(ConsensusPublicKey(try hex(group.publicKey)))
            for vector in group.cases {
                let verifies = key.verify(try hex(vector.signature), of: try hex(vector.message))
                #expect(verifies == vector.isValid, "case \(vector.id)")
                accepted += verifies ? 1 : 0
            }
        }
        #expect(accepted == 44)
    }

    @Test func bytesThatAreNoPointVerifyNothing() throws {
        let signature = ConsensusPrivateKey.random().sign([1])
        let noPoint = try #require(ConsensusPublicKey([2] + Bytes(repeating: 0, count: 30) + [0]))
        #expect(!noPoint.verify(signature, of: [1]))
        #expect(ConsensusPublicKey(Bytes(repeating: 1, count: 31)) == nil)
        #expect(ConsensusPrivateKey(Secret(Bytes(repeating: 1, count: 33))) == nil)
    }
}

/// Base58 with the checksum of Bitcoin: how BIP-32 writes its vectors.
private enum Base58Check {
    private static let alphabet = Array("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")

    static func decode(_ text: String) -> Bytes? {
        var bytes = Bytes()
        for character in text {
            guard var carry = alphabet.firstIndex(of: character) else { return nil }
            for index in bytes.indices.reversed() {
                carry += Int(bytes[index]) * 58
                bytes[index] = UInt8(carry & 0xff)
                carry >>= 8
            }
            if carry > 0 { bytes.insert(UInt8(carry), at: 0) }
        }
        let (body, checksum) = (Bytes(bytes.dropLast(4)), Bytes(bytes.suffix(4)))
        return Bytes(Hash32.sha256(Hash32.sha256(body).bytes).bytes.prefix(4)) == checksum ? body : nil
    }
}
