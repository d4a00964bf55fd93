import Cryptography
import Messages
import OpenAIWire
import Primitives
import ProtocolRules

/// How far a host's streamed answer has come: a state machine, event in, what to do with it out.
struct StreamProgress: Sendable {
    enum Step: Equatable, Sendable {
        /// Nothing of the answer yet; another host could still give it.
        case preamble
        /// Goes on to the client.
        case forward
        /// The answer is complete and every choice has its receipt.
        case complete
    }

    private let check: ReceiptCheck
    /// Choices that have not ended, with what came of their text.
    private var open: [UInt32: AnswerDigest]
    /// What the host calls its answer, once its first chunk has come.
    private(set) var answerID: String?
    /// Whether a token has come.
    private(set) var hasBegun = false
    /// The fees of the receipts so far.
    private(set) var fees = Amount.zero
    /// What the receipts so far say was used; all choices answer the same prompt, which counts once.
    private(set) var usage = TokenUsage(prompt: 0, cached: 0, output: 0)
    /// All of it so far, where the client wants it in one piece.
    private(set) var whole: PlainAnswer?

    /// What the host can claim at most: these fees, and the maximum of each choice that has no receipt yet.
    var owed: Amount {
        let rest = Amount(check.maximumPerChoice.ngonka * UInt64(open.count))
        // Both are parts of one maximum, so the sum fits.
        return (try? fees.adding(rest)) ?? rest
    }

    /// - Parameter isKept: whether the answer is to be kept as a whole.
    init(_ check: ReceiptCheck, isKept: Bool = false) {
        let choices = check.engagement.terms.choices
        self.check = check
        open = Dictionary(uniqueKeysWithValues: (0..<choices).map { ($0, AnswerDigest()) })
        whole = isKept ? PlainAnswer(choices: choices) : nil
    }

    mutating func take(_ event: SSEEvent) throws(HostFault) -> Step {
        let parsed: ChatCompletionEvent
        do { parsed = try ChatCompletionEvent.parse(event) } catch { throw .malformed(error) }
        switch parsed {
        case .failed(let error): throw .gaveUp(error)
        case .done:
            guard open.isEmpty else { throw .unfinished }
            return .complete
        case .chunk(let chunk):
            for choice in chunk.choices { try take(choice, of: chunk) }
            answerID = answerID ?? chunk.id
            return hasBegun ? .forward : .preamble
        }
    }

    private mutating func take(
        _ choice: ChatCompletionChunk.Choice, of chunk: ChatCompletionChunk
    ) throws(HostFault) {
        guard var digest = open[choice.index] else { throw .choice(choice.index) }
        try whole?.add(choice, of: chunk)
        if !choice.piece.isEmpty {
            hasBegun = true
            digest.add(text: choice.content ?? "")
            for call in choice.toolCalls {
                if let opening = call.opening { digest.beginCall(opening.name) }
                digest.add(arguments: call.arguments)
            }
            open[choice.index] = digest
        }
        guard choice.finishReason != nil else { return }
        hasBegun = true
        open[choice.index] = nil
        do {
            let item = try check.item(chunk.gonka, choice: choice.index, answer: digest.finalize())
            // Each is at most its part of the maximum, so the sum fits.
            fees = (try? fees.adding(item.fee)) ?? fees
            usage = TokenUsage(
                prompt: item.promptTokens, cached: item.cachedTokens,
                output: usage.output.clamped(plus: item.outputTokens))
            whole?.end(choice, gonka: chunk.gonka, usage: TokenUsage(item))
        } catch {
            throw .receipt(error)
        }
    }
}
