import Cryptography
import Primitives
import Testing

private let key = String(repeating: "11", count: 32)
private let transferAgentKey = String(repeating: "22", count: 32)
private let requester = "gonka1l3e9pgs3mmwuwrh95fecme0s0qtn2880el49wm"
private let transferAgent = "gonka12vfxp232rx0z9rzn0hay9jptagk8c86drpv2ae"
private let body = #"{"messages":[{"role":"user","content":"Hello, Gonka!"}],"model":"Qwen/Qwen3-32B-FP8"}"#

private func digest(body: String, time: UInt64) -> Hash32 {
    Hash32.sha256(utf8: Hash32.sha256(utf8: body).description + String(time) + transferAgent)
}

/// What gonka-openai 0.2.6 was measured to sign.
@Suite struct CryptographyRequestTests {
    @Test func accountOfTheExample() throws {
        let publicKey = try #require(PrivateKey(Secret(try hex(key)))).publicKey
        #expect(Base64.encode(publicKey.compressed) == "A081W9y3zAr3KO88zrlhXZBoS7Wyyl+FmrDwtwQHWHGq")
        #expect(
            Hex.encode(publicKey.compressed) == "034f355bdcb7cc0af728ef3cceb9615d90684bb5b2ca5f859ab0f0b704075871aa")
        #expect(Hex.encode(publicKey.address.bytes) == "fc7250a211deddc70ee5a2738de5f07817351cef")
        #expect(publicKey.address.bech32 == requester)
        let agent = try #require(PrivateKey(Secret(try hex(transferAgentKey)))).publicKey
        #expect(agent.address.bech32 == transferAgent)
        #expect(Address(bech32: transferAgent) == agent.address)
    }

    @Test(
        arguments: [
            (
                body, 1_767_225_600_123_456_789,
                "WAawBk6kr2mmLcuEAAQtC1q/ihiDcQs3StUneXkHQdIvO5xhBSxnwimGX1NYisDOt2ma2+tHot18EIsx73nHhg=="
            ),
            (
                body, 1_767_225_600_123_456_816,
                "CZgRxyA/P/R3uKg0l56AZWLZfaOIe/yj2H2ZeskJ4BEAUXuCzVLG30QfIt8m7/JsKQ9tByq09KiLxTokEwqtYQ=="
            ),
            (
                "", 1_767_225_600_123_456_789,
                "AG5Sge9xyXtTrc6Bcu1EJgn+kBD4EWzgvhhZWSqg8Lw611l6nFuG/4Ljnz3w9F60W7ic9o5o6eubgeCh1sWptg=="
            ),
        ] as [(String, UInt64, String)])
    func signatureOfARequest(body: String, time: UInt64, header: String) throws {
        let key = try #require(PrivateKey(Secret(try hex(key))))
        let digest = digest(body: body, time: time)
        #expect(Base64.encode(key.sign(digest).compact) == header)
        let received = try #require(Base64.decode(header).flatMap(Signature.init(compact:)))
        let address = try #require(Address(bech32: requester))
        #expect(PublicKey.recover(from: received, of: digest, address: address) == key.publicKey)
    }

    @Test func digestOfTheExample() {
        let digest = digest(body: body, time: 1_767_225_600_123_456_789)
        #expect(digest.description == "aa59e17f8b45d03f8ecc5b3c7ca8b1679f5495c59b80b9d2da4a056616e0c0dc")
    }

    @Test func theMalleableTwinIsNoSignature() throws {
        let twin = "WAawBk6kr2mmLcuEAAQtC1q/ihiDcQs3StUneXkHQdLQxGOe+tOYPdZ5oKyndT8wA0VCCsQA/V5DwdNa4Lx5uw=="
        let bytes = try #require(Base64.decode(twin))
        #expect(bytes.count == 64)
        #expect(Signature(compact: bytes) == nil)
    }

    @Test func theSchemeOfOldClientsDoesNotVerify() throws {
        let header = "pSXl/rDD4LLkM39Vq4PmK3Qmjiucdqwz3pCCWxo7MLwg4IRemG1ubFCVuh4v+RxxJGcRZB1wUHhgdXFSJqF9xQ=="
        let signature = try #require(Base64.decode(header).flatMap(Signature.init(compact:)))
        let address = try #require(Address(bech32: requester))
        let digest = digest(body: body, time: 1_767_225_600_123_456_789)
        #expect(PublicKey.recover(from: signature, of: digest, address: address) == nil)
    }

    @Test func twoKeysAreRecovered() throws {
        let key = try #require(PrivateKey(Secret(try hex(key))))
        let digest = digest(body: body, time: 1_767_225_600_123_456_789)
        let candidates = PublicKey.candidates(for: key.sign(digest), of: digest)
        #expect(candidates.count == 2)
        #expect(candidates.map { Hex.encode($0.compressed.prefix(4)) } == ["02a13e74", "034f355b"])
        #expect(candidates.allSatisfy { $0.verify(key.sign(digest), of: digest) })
    }
}
