import Cryptography
import HTTPTypes
import OpenAIWire
import Primitives

/// The headers of a request that an account signed instead of showing a key: `Authorization` is the bare base64 of r ‖ s,
/// `X-Requester-Address` who signed, `X-Timestamp` when, in nanoseconds since 1970. Nothing else says who signed, and no
/// header names the gateway: it puts its own address in.
struct RequestSignature: Sendable {
    let requester: Address
    let signature: Signature
    /// As it was sent and signed.
    let timestamp: String
    /// Nanoseconds since 1970-01-01 UTC.
    let nanoseconds: UInt64

    /// - Throws: `.invalidSignature` for anything but 88 characters of base64 with a low s, an address and decimal digits.
    init(_ headers: HTTPFields) throws(OpenAIError) {
        guard let authorization = headers[.authorization], authorization.utf8.count == Self.authorizationLength,
            let signature = Base64.decode(authorization).flatMap({ Signature(compact: $0) }),
            let requester = headers[.requesterAddress].flatMap({ Address(bech32: $0) }),
            let timestamp = headers[.timestamp], timestamp.utf8.count <= Self.timestampLengthMax,
            timestamp.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let nanoseconds = UInt64(timestamp)
        else { throw .invalidSignature }
        self.requester = requester
        self.signature = signature
        self.timestamp = timestamp
        self.nanoseconds = nanoseconds
    }

    /// What is signed: hex(SHA-256(body)) ‖ timestamp ‖ the gateway's address, as text, hashed once more.
    func digest(of body: Bytes, for transferAgent: Address) -> Hash32 {
        .sha256(utf8: "\(Hash32.sha256(body))\(timestamp)\(transferAgent.bech32)")
    }

    /// Whether the requester signed this body, byte for byte as it came, for this gateway. The key is recovered from the
    /// signature, so that an account need not have been seen before.
    func covers(_ body: Bytes, for transferAgent: Address) -> Bool {
        PublicKey.recover(from: signature, of: digest(of: body, for: transferAgent), address: requester) != nil
    }

    /// 64 bytes in base64.
    private static let authorizationLength = 88
    /// Digits of 2⁶⁴.
    private static let timestampLengthMax = 20
}

extension HTTPField.Name {
    static let requesterAddress = named("X-Requester-Address")
    static let timestamp = named("X-Timestamp")
}
