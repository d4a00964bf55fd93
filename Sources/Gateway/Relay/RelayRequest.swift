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
    /// Who pays for it here; nil where nobody keeps account.
    var bill: Bill?
    /// The routing policy of whoever asks; nil for the gateway's own.
    var policy: String?

    init(_ completion: ChatCompletionRequest, body: Bytes, host: Address? = nil) {
        self.completion = completion
        self.host = host
        self.body = ByteBuffer(bytes: body)
        digest = .sha256(body)
    }

    var model: String { completion.model }
    var choices: UInt32 { completion.choices }
}
