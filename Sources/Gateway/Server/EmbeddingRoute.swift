import Cryptography
import NIOCore
import OpenAIWire
import Primitives
import ProtocolRules
import Synchronization
import WireFormat

/// Answers a request for embeddings: each input is a request of its own to a host, under a voucher of its own.
struct EmbeddingRoute: Sendable {
    let relay: Relay
    let billing: Billing
    let key: APIKey
    /// The routing policy that the key names.
    let policy: KeyPolicy?
    let request: EmbeddingsRequest
    /// The only host that may answer, and what the client calls its request.
    let host: Address?
    let requestID: String?

    /// Asks for a few inputs at a time, and puts the vectors together in their order.
    ///
    /// - Throws: `OpenAIError`: the first input's that failed. What was answered before it is paid.
    func answer() async throws -> Bytes {
        let failure = Failure()
        var vectors: [Vector?] = Array(repeating: nil, count: request.inputs.count)
        try await withThrowingTaskGroup(of: (Int, Vector).self) { group in
            var (next, done) = (0, 0)
            while next < request.inputs.count || !group.isEmpty {
                while next < request.inputs.count, next - done < Limits.inputsAtOnce {
                    let index = next
                    group.addTask { (index, try await vector(request.inputs[index], failure)) }
                    next += 1
                }
                do {
                    guard let (index, vector) = try await group.next() else { continue }
                    vectors[index] = vector
                    done += 1
                } catch {
                    if !Task.isCancelled { failure.note() }
                    throw error
                }
            }
        }
        let all = vectors.compactMap { $0 }
        return try request.answer(
            all.map(\.text), promptTokens: all.reduce(0) { $0.clamped(plus: $1.promptTokens) },
            gonka: all.compactMap(\.gonka))
    }

    private struct Vector: Sendable {
        /// Base64 of little-endian single precision.
        let text: String
        let promptTokens: UInt64
        let gonka: JSONValue?
    }

    /// Whether an input failed while the client was there: the others are given up then, and nobody pays for that.
    private final class Failure: Sendable {
        private let state = Mutex(false)

        var isNoted: Bool { state.withLock { $0 } }

        func note() { state.withLock { $0 = true } }
    }

    private func vector(_ input: String, _ failure: Failure) async throws -> Vector {
        let body = request.body(input)
        var relayed = RelayRequest(
            try ChatCompletionRequest.parse(body), body: body, host: host, requestID: requestID)
        let bill = try await billing.open(key, for: relayed.completion)
        (relayed.bill, relayed.policy) = (bill, policy)
        let answer = try await withTaskCancellationHandler { [relayed] in
            try await relay.answer(relayed)
        } onCancel: {
            if !failure.isNoted { bill.clientLeft() }
        }
        guard case .plain(let whole) = answer.content,
            let response = try? ChatCompletionResponse.parse(Bytes(buffer: whole)), let choice = response.choices.first
        else { throw OpenAIError.engineFailed }
        return Vector(text: choice.content, promptTokens: response.usage.promptTokens, gonka: response.gonka)
    }
}
