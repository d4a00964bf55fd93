import Cryptography
import NIOCore
import OpenAIWire
import Primitives
import ProtocolRules

/// A client's request that was checked, with its body as it came.
struct RelayRequest: Sendable {
    let completion: ChatCompletionRequest
    /// What hosts get, byte for byte.
    let body: ByteBuffer
    /// SHA-256 of the body, which vouchers and receipts name.
    let digest: Hash32
    /// The only host that may answer it; nil for any of its session.
    let host: Address?
    /// What its client calls it, bounded; nil where it has no name.
    let requestID: String?
    /// UTF-8 bytes of all its texts.
    let promptBytes: UInt64
    /// What it needs of a context, in bytes: its texts, and four for each token that its answer may have.
    let contextBytes: UInt64
    /// Names its beginning; nil where that is short.
    let prefix: PrefixKeys?
    /// Who pays for it here; nil where nobody keeps account.
    var bill: Bill?
    /// The routing policy of whoever asks; nil for the gateway's own.
    var policy: KeyPolicy?

    init(_ completion: ChatCompletionRequest, body: Bytes, host: Address? = nil, requestID: String? = nil) {
        self.completion = completion
        self.host = host
        self.requestID = requestID
        self.body = ByteBuffer(bytes: body)
        digest = .sha256(body)
        promptBytes = completion.textBytes
        let answer = (completion.maxTokens ?? Limits.typicalOutputTokens).multipliedReportingOverflow(by: 4)
        let sum = promptBytes.addingReportingOverflow(answer.partialValue)
        contextBytes = answer.overflow || sum.overflow ? .max : sum.partialValue
        prefix = PrefixKeys(completion)
    }

    /// Whether another host would write the same, and may take over a stream that breaks off.
    var mayBeContinued: Bool {
        completion.choices == 1 && host == nil && (completion.seed != nil || completion.sampling.temperature == 0)
    }

    var model: String { completion.model }
    var choices: UInt32 { completion.choices }
    var promptSize: PromptSize { PromptSize(bytes: promptBytes) }

    /// What a router has to know of it.
    var question: RouteQuestion {
        RouteQuestion(
            pinned: host, contextBytes: contextBytes, outputTokens: completion.maxTokens ?? Limits.typicalOutputTokens,
            prefix: prefix)
    }
}
