import OpenAIWire
import Primitives
import ProtocolRules
import WireFormat

/// A host's stream put together for a client that wants its answer in one piece.
struct PlainAnswer: Sendable {
    private struct Choice: Sendable {
        var assembled = AssembledChoice()
        var finishReason: ChatFinishReason?
        var gonka: JSONValue?
        var usage: TokenUsage?
    }

    /// The first chunk, for what all have in common.
    private var head: ChatCompletionChunk?
    private var choices: [Choice]

    /// - Parameter choices: how many were asked for.
    init(choices: UInt32) { self.choices = Array(repeating: Choice(), count: Int(choices)) }

    /// Takes a piece of a choice that has not ended.
    ///
    /// - Throws: `.broken` where all texts together are longer than an answer may be.
    mutating func add(_ choice: ChatCompletionChunk.Choice, of chunk: ChatCompletionChunk) throws(HostFault) {
        head = head ?? chunk
        do throws(AnswerError) { try choices[Int(choice.index)].assembled.add(choice.piece) } catch {
            throw .malformed(error)
        }
        let byteCount = choices.reduce(0) { $0 + $1.assembled.byteCount }
        guard byteCount <= Limits.answerBytesMax else {
            throw .broken("an answer of more than \(Limits.answerBytesMax) bytes")
        }
    }

    /// Ends a choice whose receipt was checked.
    mutating func end(_ choice: ChatCompletionChunk.Choice, gonka: JSONValue?, usage: TokenUsage) {
        choices[Int(choice.index)].finishReason = choice.finishReason
        choices[Int(choice.index)].gonka = gonka
        choices[Int(choice.index)].usage = usage
    }

    /// The whole answer; nil until every choice has ended.
    ///
    /// Tokens are counted as the receipts count them. Several choices have as many receipts, in their order.
    var response: ChatCompletionResponse? {
        guard let head else { return nil }
        var ended: [ChatCompletionResponse.Choice] = []
        var (prompt, cached, output) = (UInt64(0), UInt64(0), UInt64(0))
        for (index, choice) in choices.enumerated() {
            guard let reason = choice.finishReason, let usage = choice.usage else { return nil }
            ended.append(choice.assembled.ended(UInt32(index), reason))
            // All answer the same prompt; it counts once, as with OpenAI.
            if index == 0 { (prompt, cached) = (usage.prompt, usage.cached) }
            output = output.addingReportingOverflow(usage.output).partialValue
        }
        let gonka = choices.compactMap(\.gonka)
        return ChatCompletionResponse(
            id: head.id, created: head.created, model: head.model, systemFingerprint: head.systemFingerprint,
            choices: ended,
            usage: ChatCompletionUsage(promptTokens: prompt, cachedTokens: cached, completionTokens: output),
            gonka: gonka.count == 1 ? gonka[0] : .array(gonka))
    }
}
