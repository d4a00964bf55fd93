import Cryptography
import Primitives

@testable import Gateway

/// Signs requests as the network's own clients do.
struct SignedRequest {
    var key = Fixtures.key(0x11)
    var transferAgent = Fixtures.payer.publicKey.address
    /// Nanoseconds since 1970.
    var timestamp: UInt64 = SignedRequest.worked.timestamp

    func headers(for body: Bytes) -> [String: String] {
        let input = "\(Hash32.sha256(body))\(timestamp)\(transferAgent.bech32)"
        return [
            "authorization": Base64.encode(key.sign(.sha256(utf8: input)).compact),
            "x-requester-address": key.publicKey.address.bech32, "x-timestamp": "\(timestamp)",
        ]
    }

    /// What gonka-openai 0.2.6 was seen to send: the private key is 32 bytes 0x11, the transfer agent's is 32 bytes 0x22.
    enum worked {
        static let requester = "gonka1l3e9pgs3mmwuwrh95fecme0s0qtn2880el49wm"
        static let transferAgent = "gonka12vfxp232rx0z9rzn0hay9jptagk8c86drpv2ae"
        static let timestamp: UInt64 = 1_767_225_600_123_456_789
        static let body =
            #"{"messages":[{"role":"user","content":"Hello, Gonka!"}],"model":"Qwen/Qwen3-32B-FP8"}"#
        static let digest = "aa59e17f8b45d03f8ecc5b3c7ca8b1679f5495c59b80b9d2da4a056616e0c0dc"
        static let authorization =
            "WAawBk6kr2mmLcuEAAQtC1q/ihiDcQs3StUneXkHQdIvO5xhBSxnwimGX1NYisDOt2ma2+tHot18EIsx73nHhg=="
    }
}
