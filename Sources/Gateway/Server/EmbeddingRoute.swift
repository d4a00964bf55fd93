import NIOCore
import OpenAIWire
import Primitives
import WireFormat

/// Answers a request for embeddings: each input is a request of its own to a host, under a voucher of its own.
struct EmbeddingRoute: Sendable {
    let relay: Relay
    let billing: Billing
    let key: APIKey
    let request: EmbeddingsRequest

    /// Asks for a few inputs at a time, and puts the vectors together in their order.
    ///
    /// - Throws: `OpenAIError`: the first input's that failed. What was answered before it is paid.
    func answer() async throws -> Bytes {
        var vectors: [Vector?] = Array(repeating: nil, count: request.inputs.count)
        try await withThrowingTaskGroup(of: (Int, Vector).self) { group in
            var (next, done) = (0, 0)
            while next < request.inputs.count || !group.isEmpty {
                while next < request.inputs.count, next - done < Limits.inputsAtOnce {
                    let index = next
                    group.addTask { (index, try await vector(request.inputs[index])) }
                    next += 1
                }
                if let (index, vector) = try await group.next() {
                    vectors[index] = vector
                    done += 1
                }
            }
        }
        let all = vectors.compactMap { $0 }
        return try request.answer(
            all.map(\.text), promptTokens: all.reduce(0) { $0 + $1.promptTokens }, gonka: all.compactMap(\.gonka))
    }

    private struct Vector: Sendable {
        /// Base64 of little-endian single precision.
        let text: String
        let promptTokens: UInt64
        let gonka: JSONValue?
    }

    private func vector(_ input: String) async throws -> Vector {
        let body = request.body(input)
        var relayed = RelayRequest(try ChatCompletionRequest.parse(body), body: body)
        let bill = try await billing.open(key, for: relayed.completion)
        (relayed.bill, relayed.policy) = (bill, key.terms.policy)
        let answer = try await withTaskCancellationHandler { [relayed] in
            try await relay.answer(relayed)
        } onCancel: {
            bill.clientLeft()
        }
        guard case .plain(let whole) = answer.content,
            let response = try? ChatCompletionResponse.parse(Bytes(buffer: whole)), let choice = response.choices.first
        else { throw OpenAIError.engineFailed }
        return Vector(text: choice.content, promptTokens: response.usage.promptTokens, gonka: response.gonka)
    }
}
