import AsyncHTTPClient
import Cryptography
import Messages
import NIOCore
import NIOHTTP1
import OpenAIWire
import Primitives
import ProtocolRules
import Testing
import WireFormat

@testable import Gateway

/// What an honest host answers: two pieces of text, then the receipt. Tests change what they want to be a lie.
struct HonestAnswer: Sendable {
    var host: TestHost
    var voucher: Signed<Voucher>
    var pieces = ["Good ", "day"]
    var streams: Bool
    var sampling: SamplingParameters
    /// The request's own seed.
    var seed: Int64?
    /// 5 prompt tokens and 2 output tokens: 9 ngonka.
    var promptTokens: UInt64 = 5
    var outputTokens: UInt64 = 2
    var change: @Sendable (inout Receipt) -> Void = { _ in }

    init(_ host: TestHost, to request: HostRequest) throws {
        self.host = host
        voucher = try Signed<Voucher>.decode(try #require(Base64.decode(request.voucher, .urlSafe)))
        let completion = try ChatCompletionRequest.parse(Bytes(buffer: request.body))
        (streams, sampling, seed) = (completion.streams, completion.sampling, completion.seed)
    }

    static let fee = Amount(5 + 4)

    var text: String { pieces.joined() }

    var receipt: Receipt {
        let serving = WorkItem.Serving(
            session: voucher.statement.session, number: 1, sequence: voucher.statement.sequence,
            voucherDigest: .sha256(voucher.statement.encoded()), requestDigest: voucher.statement.requestDigest,
            fee: Self.fee, choice: 0)
        let prompt = Hash32.sha256(utf8: "prompt")
        let seed = ItemSeed(
            clientSeed: seed, promptDigest: prompt, session: serving.session, executor: voucher.statement.executor,
            sequence: serving.sequence, choice: 0)
        let item = WorkItem(
            kind: .serving, model: Fixtures.model, promptDigest: prompt, sampling: sampling, seed: seed.hash,
            outputDigest: .sha256(utf8: "output"), promptTokens: promptTokens,
            cachedTokens: 0, outputTokens: outputTokens, finishReason: .stop,
            fingerprintCommitment: .sha256(utf8: "fingerprint"), serving: serving)
        var receipt = Receipt(
            chainID: Fixtures.chainID, executor: host.address, operatorKey: host.operatorKey.publicKey.compressed,
            round: 1, item: item, answerDigest: .sha256(utf8: text), isUnproven: false)
        change(&receipt)
        return receipt
    }

    var gonka: JSONValue {
        ["receipt": .string(Base64.encode(Signed(receipt, by: host.operatorKey).encoded(), .urlSafe))]
    }

    private static let stream = ChatCompletionStream(
        id: "chatcmpl-1", created: 1, model: Fixtures.model, includesUsage: false)

    /// The events of a stream, encoded: opening, one for each piece, finish, done.
    var events: [Bytes] {
        let chunks =
            [Self.stream.opening()] + pieces.map { Self.stream.content($0) }
            + [Self.stream.finish(.stop, gonka: gonka)]
        return chunks.map { SSEEncoder.event($0.encoded()) } + [SSEEncoder.done]
    }

    /// What a client gets that wants no stream.
    var plainBody: Bytes {
        ChatCompletionResponse(
            id: "chatcmpl-1", created: 1, model: Fixtures.model,
            choices: [ChatCompletionResponse.Choice(index: 0, content: text, finishReason: .stop)],
            usage: ChatCompletionUsage(
                promptTokens: promptTokens, cachedTokens: 0, completionTokens: outputTokens), gonka: gonka
        ).encoded()
    }

    /// The whole answer, at once: a stream, as a gateway always asks for one.
    var response: HTTPClientResponse { .answering("text/event-stream", pieces: events) }
}

extension HTTPClientResponse {
    /// An answer whose pieces are all there.
    static func answering(
        _ type: String = "application/json", status: HTTPResponseStatus = .ok, pieces: [Bytes]
    ) -> HTTPClientResponse {
        HTTPClientResponse(
            status: status, headers: ["content-type": type],
            body: .stream(
                AsyncStream { continuation in
                    for piece in pieces { continuation.yield(ByteBuffer(bytes: piece)) }
                    continuation.finish()
                }))
    }

    /// A refusal in OpenAI's shape.
    static func refusing(_ error: OpenAIError) -> HTTPClientResponse {
        .answering(status: HTTPResponseStatus(statusCode: error.status), pieces: [error.encoded()])
    }

    /// A stream that sends these pieces and then breaks.
    static func breaking(after pieces: [Bytes]) -> HTTPClientResponse {
        HTTPClientResponse(
            status: .ok, headers: ["content-type": "text/event-stream"],
            body: .stream(
                AsyncThrowingStream<ByteBuffer, any Error> { continuation in
                    for piece in pieces { continuation.yield(ByteBuffer(bytes: piece)) }
                    continuation.finish(throwing: HTTPClientError.remoteConnectionClosed)
                }))
    }
}
