import Cryptography
import NIOCore
import OpenAIWire
import Primitives

/// A client's request that was checked, with its body as it came.
struct RelayRequest: Sendable {
    let completion: ChatCompletionRequest
    /// What hosts get, byte for byte.
    let body: ByteBuffer
    /// SHA-256 of the body, which vouchers and receipts name.
    let digest: Hash32
    /// The only host that may answer it; nil for any of its session.
    let host: Address?

    init(_ completion: ChatCompletionRequest, body: Bytes, host: Address? = nil) {
        self.completion = completion
        self.host = host
        self.body = ByteBuffer(bytes: body)
        digest = .sha256(body)
    }

    var model: String { completion.model }
    var choices: UInt32 { completion.choices }
}
