import Cryptography
import HTTPTypes
import OpenAIWire
import Primitives
import Testing

@testable import Gateway

/// The vectors were made with the unmodified client; see `SignedRequest.worked`.
@Suite struct RequestSignatureTests {
    private static let agent = Address(bech32: SignedRequest.worked.transferAgent)

    private static func headers(
        _ authorization: String, timestamp: String = "\(SignedRequest.worked.timestamp)",
        requester: String = SignedRequest.worked.requester
    ) -> HTTPFields {
        [.authorization: authorization, .requesterAddress: requester, .timestamp: timestamp]
    }

    @Test func theWorkedExampleIsRecoveredByteForByte() throws {
        let signature = try RequestSignature(Self.headers(SignedRequest.worked.authorization))
        let agent = try #require(Self.agent)
        let body = Bytes(SignedRequest.worked.body.utf8)
        #expect(body.count == 85)
        #expect("\(signature.digest(of: body, for: agent))" == SignedRequest.worked.digest)
        #expect(signature.covers(body, for: agent))
        let keys = PublicKey.candidates(for: signature.signature, of: signature.digest(of: body, for: agent))
        #expect(keys.count == 2)
        #expect(
            keys.map { Hex.encode($0.compressed) }.contains(
                "034f355bdcb7cc0af728ef3cceb9615d90684bb5b2ca5f859ab0f0b704075871aa"))
    }

    @Test(arguments: [
        (
            "CZgRxyA/P/R3uKg0l56AZWLZfaOIe/yj2H2ZeskJ4BEAUXuCzVLG30QfIt8m7/JsKQ9tByq09KiLxTokEwqtYQ==",
            "1767225600123456816", SignedRequest.worked.body
        ),
        (
            "AG5Sge9xyXtTrc6Bcu1EJgn+kBD4EWzgvhhZWSqg8Lw611l6nFuG/4Ljnz3w9F60W7ic9o5o6eubgeCh1sWptg==",
            "1767225600123456789", ""
        ),
    ]) func otherVectorsVerifyToo(authorization: String, timestamp: String, body: String) throws {
        let signature = try RequestSignature(Self.headers(authorization, timestamp: timestamp))
        let agent = try #require(Self.agent)
        #expect(signature.covers(Bytes(body.utf8), for: agent))
    }

    /// A low s alone is a signature: the twin of a used one would pass for another.
    @Test func theMalleableTwinIsNoSignature() {
        let twin = "WAawBk6kr2mmLcuEAAQtC1q/ihiDcQs3StUneXkHQdLQxGOe+tOYPdZ5oKyndT8wA0VCCsQA/V5DwdNa4Lx5uw=="
        #expect(throws: OpenAIError.invalidSignature) { try RequestSignature(Self.headers(twin)) }
    }

    @Test func theRawBodySchemeOfOldClientsDoesNotVerify() throws {
        let old = "pSXl/rDD4LLkM39Vq4PmK3Qmjiucdqwz3pCCWxo7MLwg4IRemG1ubFCVuh4v+RxxJGcRZB1wUHhgdXFSJqF9xQ=="
        let signature = try RequestSignature(Self.headers(old))
        let agent = try #require(Self.agent)
        #expect(!signature.covers(Bytes(SignedRequest.worked.body.utf8), for: agent))
    }

    @Test func everyPartIsCovered() throws {
        let agent = try #require(Self.agent)
        let body = Bytes(SignedRequest.worked.body.utf8)
        let signature = try RequestSignature(Self.headers(SignedRequest.worked.authorization))
        #expect(!signature.covers(body + [0x20], for: agent))
        #expect(!signature.covers(body, for: signature.requester))
        let later = try RequestSignature(
            Self.headers(SignedRequest.worked.authorization, timestamp: "1767225600123456790"))
        #expect(!later.covers(body, for: agent))
        let other = try RequestSignature(
            Self.headers(SignedRequest.worked.authorization, requester: SignedRequest.worked.transferAgent))
        #expect(!other.covers(body, for: agent))
    }

    @Test(arguments: [
        "", "x", "Bearer sk-1", String(repeating: "A", count: 88),
        String(SignedRequest.worked.authorization.dropLast(4)),
        SignedRequest.worked.authorization + "AAAA",
        SignedRequest.worked.authorization.replacing("/", with: "_"),
    ]) func malformedAuthorizationsAreRefused(text: String) {
        #expect(throws: OpenAIError.invalidSignature) { try RequestSignature(Self.headers(text)) }
    }

    @Test(arguments: [
        "", "-1", "+1767225600123456789", "1.7e18", "0x1", "99999999999999999999", "17672256001234567890123",
    ])
    func malformedTimestampsAreRefused(text: String) {
        #expect(throws: OpenAIError.invalidSignature) {
            try RequestSignature(Self.headers(SignedRequest.worked.authorization, timestamp: text))
        }
    }

    @Test(arguments: ["", "gonka1", "cosmos1l3e9pgs3mmwuwrh95fecme0s0qtn2880el49wm"])
    func malformedRequestersAreRefused(text: String) {
        #expect(throws: OpenAIError.invalidSignature) {
            try RequestSignature(Self.headers(SignedRequest.worked.authorization, requester: text))
        }
    }
}
