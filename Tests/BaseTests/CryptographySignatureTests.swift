import Cryptography
import Primitives
import Testing

private func privateKey(_ text: String) throws -> PrivateKey { try #require(PrivateKey(Secret(try hex(text)))) }

private let ones = String(repeating: "11", count: 32)
private let order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"

@Suite struct CryptographySignatureTests {
    /// RFC 6979 on secp256k1 with SHA-256, low s.
    @Test(arguments: [
        (
            "0000000000000000000000000000000000000000000000000000000000000001", "Satoshi Nakamoto",
            "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"
                + "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5"
        ),
        (
            "0000000000000000000000000000000000000000000000000000000000000001",
            "All those moments will be lost in time, like tears in rain. Time to die...",
            "8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b"
                + "547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21"
        ),
        (
            "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140", "Satoshi Nakamoto",
            "fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d0"
                + "6b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5"
        ),
        (
            "f8b8af8ce3c7cca5e300d33939540c10d45ce001b8f252bfbc57ba0342904181", "Alan Turing",
            "7063ae83e7f62bbb171798131b4a0564b956930092b33b07b395615d9ec7e15c"
                + "58dfcc1e00a35e1572f366ffe34ba0fc47db1e7189759b9fb233c5b05ab388ea"
        ),
    ])
    func nonceIsDeterministic(key: String, message: String, signature: String) throws {
        let digest = Hash32.sha256(utf8: message)
        let key = try privateKey(key)
        #expect(Hex.encode(key.sign(digest).compact) == signature)
        #expect(key.publicKey.verify(key.sign(digest), of: digest))
    }

    /// DER is converted here; whatever it spells, only 64 bytes with a low s are a signature, and of a pair of twins the
    /// low one must verify exactly where the vector says that the signature is valid.
    @Test func wycheproof() throws {
        struct Group: Decodable {
            let publicKey: String
            let cases: [Case]
            struct Case: Decodable {
                let id: Int
                let message: String
                let der: String
                let isValid: Bool
            }
        }
        var accepted = 0
        for group in try CryptographyVectors.load("wycheproof_ecdsa.json", as: [Group].self) {
            let key = try #require(PublicKey(compressed: compressed(try hex(group.publicKey))))
            for vector in group.cases {
                let digest = Hash32.sha256(try hex(vector.message))
                guard let (r, s) = DERSignature.parse(try hex(vector.der)) else {
                    #expect(!vector.isValid, "case \(vector.id) is valid, but its DER was not read")
                    continue
                }
                let signature = Signature(compact: r + s)
                let twin = Signature(compact: r + subtractedFromOrder(s))
                #expect(signature == nil || twin == nil, "both twins of case \(vector.id) were taken")
                let verifies = (signature ?? twin).map { key.verify($0, of: digest) } ?? false
                #expect(verifies == vector.isValid, "case \(vector.id)")
                accepted += verifies ? 1 : 0
            }
        }
        #expect(accepted == 168)
    }

    @Test func keysOutsideTheOrderAreRefused() throws {
        #expect(PrivateKey(Secret(Bytes(repeating: 0, count: 32))) == nil)
        #expect(PrivateKey(Secret(try hex(order))) == nil)
        #expect(PrivateKey(Secret(Bytes(repeating: 0xff, count: 32))) == nil)
        #expect(PrivateKey(Secret([])) == nil)
        #expect(PrivateKey(Secret(Bytes(repeating: 1, count: 31))) == nil)
        #expect(PrivateKey(Secret(Bytes(repeating: 1, count: 33))) == nil)
    }

    @Test func onlyCompressedPointsAreKeys() throws {
        let good = try privateKey(ones).publicKey.compressed
        #expect(PublicKey(compressed: good) != nil)
        #expect(PublicKey(compressed: [4] + good.dropFirst()) == nil)
        #expect(PublicKey(compressed: [0] + good.dropFirst()) == nil)
        #expect(PublicKey(compressed: Bytes(good.dropLast())) == nil)
        #expect(PublicKey(compressed: good + [0]) == nil)
        // x = 5 is on no point of the curve, x = p − 1 + 2 is out of the field.
        #expect(PublicKey(compressed: [2] + Bytes(repeating: 0, count: 31) + [5]) == nil)
        #expect(PublicKey(compressed: [2] + Bytes(repeating: 0xff, count: 32)) == nil)
        #expect(PublicKey(compressed: []) == nil)
    }

    @Test func signaturesOutsideTheRangeAreRefused() throws {
        let one = Bytes(repeating: 0, count: 31) + [1]
        let zero = Bytes(repeating: 0, count: 32)
        let half = try hex("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0")
        let aboveHalf = try hex("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1")
        #expect(Signature(compact: one + one) != nil)
        #expect(Signature(compact: one + half) != nil)
        #expect(Signature(compact: one + aboveHalf) == nil)
        #expect(Signature(compact: zero + one) == nil)
        #expect(Signature(compact: one + zero) == nil)
        #expect(Signature(compact: try hex(order) + one) == nil)
        #expect(Signature(compact: one + (try hex(order))) == nil)
        for count in [0, 63, 65, 70, 128] { #expect(Signature(compact: Bytes(repeating: 1, count: count)) == nil) }
    }

    /// B3 and B10 of the reliability list: no twin passes, no nonce comes twice, and the key is found again.
    @Test func tenThousandSignatures() throws {
        let key = PrivateKey.random()
        var seen: Set<Bytes> = []
        for number in 0..<10_000 as Range<UInt64> {
            let digest = Hash32.sha256(Bytes.bigEndian(number))
            let signature = key.sign(digest)
            #expect(seen.insert(Bytes(signature.compact[..<32])).inserted)
            let twin = Bytes(signature.compact[..<32]) + subtractedFromOrder(Bytes(signature.compact[32...]))
            #expect(Signature(compact: twin) == nil)
            if number.isMultiple(of: 100) {
                let found = PublicKey.recover(from: signature, of: digest, address: key.publicKey.address)
                #expect(found == key.publicKey)
                #expect(!key.publicKey.verify(signature, of: Hash32.sha256(Bytes.bigEndian(number + 1))))
            }
        }
    }

    /// B9: every purpose against every purpose, transactions and requests included.
    @Test func aSignatureForOnePurposeIsWorthNothingForAnother() throws {
        let key = try privateKey(ones)
        let message = Bytes("the same message".utf8)
        let digests =
            SigningDomain.allCases.map { $0.digest(message) } + [
                Hash32.sha256([0x0a] + message), Hash32.sha256(utf8: "8a27" + String(decoding: message, as: UTF8.self)),
            ]
        for (signedFor, digest) in digests.enumerated() {
            let signature = key.sign(digest)
            for (usedFor, other) in digests.enumerated() {
                #expect(key.publicKey.verify(signature, of: other) == (signedFor == usedFor))
            }
        }
    }

    /// If one domain began another, a message could be moved from the one to the other by cutting it elsewhere.
    @Test func noDomainBeginsAnother() {
        for domain in SigningDomain.allCases {
            #expect(domain.rawValue.hasPrefix("gonka/") && domain.rawValue.hasSuffix("/v1"))
            for other in SigningDomain.allCases where other != domain {
                #expect(!other.rawValue.hasPrefix(domain.rawValue))
            }
        }
        #expect(SigningDomain.voucher.digest([1, 2]) == Hash32.sha256(Bytes("gonka/voucher/v1".utf8) + [1, 2]))
    }

    /// B11: a canary key must not show, however it is printed.
    @Test func secretsDoNotPrint() throws {
        struct Holder {
            let key: PrivateKey
            let consensusKey: ConsensusPrivateKey
            let secret: Secret
            let node: HDKey
        }
        let canary = Bytes(repeating: 0xa5, count: 32)
        let holder = Holder(
            key: try #require(PrivateKey(Secret(canary))),
            consensusKey: try #require(ConsensusPrivateKey(Secret(canary))),
            secret: Secret(canary), node: try HDKey(seed: Secret(canary)))
        var dumped = ""
        dump(holder, to: &dumped)
        for text in [
            "\(holder)", String(reflecting: holder), "\([holder])", dumped, "\(holder.key)", "\(holder.secret)",
        ] {
            #expect(text.contains("«redacted»"))
            // Twice, as an address in memory may have three digits in common with a byte.
            #expect(!text.contains("165, 165") && !text.lowercased().contains("a5a5a5"), "\(text)")
        }
    }
}

/// Strict DER (X.690) of SEQUENCE { INTEGER r, INTEGER s }, both in [0, 2²⁵⁶).
private enum DERSignature {
    static func parse(_ der: Bytes) -> (r: Bytes, s: Bytes)? {
        guard der.count >= 2, der[0] == 0x30, der[1] < 0x80, Int(der[1]) == der.count - 2 else { return nil }
        var rest = der[2...]
        guard let r = integer(&rest), let s = integer(&rest), rest.isEmpty else { return nil }
        return (r, s)
    }

    private static func integer(_ rest: inout ArraySlice<UInt8>) -> Bytes? {
        guard rest.popFirst() == 0x02, let length = rest.popFirst(), (1...33).contains(length), rest.count >= length
        else {
            return nil
        }
        let content = Bytes(rest.prefix(Int(length)))
        rest = rest.dropFirst(Int(length))
        if content[0] >= 0x80 || (content.count > 1 && content[0] == 0 && content[1] < 0x80) { return nil }
        let magnitude = Bytes(content.drop { $0 == 0 })
        guard magnitude.count <= 32 else { return nil }
        return Bytes(repeating: 0, count: 32 - magnitude.count) + magnitude
    }
}

private func compressed(_ uncompressed: Bytes) -> Bytes {
    [uncompressed[64].isMultiple(of: 2) ? 2 : 3] + uncompressed[1...32]
}

/// n − s, or 32 bytes of 0xff where s > n.
private func subtractedFromOrder(_ s: Bytes) -> Bytes {
    guard var difference = Hex.decode(order) else { return [] }
    var borrow = 0
    for index in difference.indices.reversed() {
        let value = Int(difference[index]) - Int(s[index]) - borrow
        borrow = value < 0 ? 1 : 0
        difference[index] = UInt8(value + 256 * borrow)
    }
    return borrow == 0 ? difference : Bytes(repeating: 0xff, count: 32)
}
