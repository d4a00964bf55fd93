import Cryptography
import EngineAPI
import HostRoles
import Messages
import OpenAIWire
import Primitives
import ProtocolRules

/// What follows from the output's tokens: digests, text, and where the answer ends.
extension ReceiptChecks {
    func promptDigest() -> CheckVerdict {
        let count = file.promptTokens.count
        let holds = TokenDigest.digest(of: file.promptTokens) == item.promptDigest && UInt64(count) == item.promptTokens
        return (holds ? .passed : .failed, "\(count) prompt tokens")
    }

    func outputDigest() -> CheckVerdict {
        let count = file.outputTokens.count
        let holds = TokenDigest.digest(of: file.outputTokens) == item.outputDigest && UInt64(count) == item.outputTokens
        return (holds ? .passed : .failed, "\(count) output tokens")
    }

    /// Compares bytes: one text may be the beginning of another without being so in characters. Calls of functions are kept in
    /// the form in which the model writes them (`ToolCallText`).
    func answer() -> CheckVerdict {
        guard let answer = file.answer else { return (.skipped, "the answer's text was not kept") }
        // Without the request nobody knows whether its text was read for calls.
        let readings = request.map { [$0.form.mayCall] } ?? [false, true]
        guard readings.contains(where: { AnswerShaper.digest(of: answer, mayCall: $0) == receipt.answerDigest }) else {
            return (.failed, "the receipt stands for another text")
        }
        let count = answer.utf8.count
        if case .embedding = request?.prompt {
            return (.passed, "\(count) bytes, a vector; its numbers are not proven")
        }
        guard let engine else { return (.passed, "\(count) bytes; no model was loaded to compare the tokens") }
        if let replay {
            return replay.text.utf8.elementsEqual(answer.utf8)
                ? (.passed, "\(count) bytes, as the tokens spell") : (.failed, "the tokens spell another text")
        }
        guard engine.text(of: file.outputTokens).utf8.starts(with: answer.utf8) else {
            return (.failed, "the tokens spell another text")
        }
        return (
            .passed, "\(count) bytes, which the tokens begin with; the request, which may hold stop texts, was not kept"
        )
    }

    func ending() -> CheckVerdict {
        guard request != nil else { return (.skipped, "the request was not kept, or is none") }
        guard engine != nil else { return (.skipped, "no model was loaded") }
        guard let replay else { return (.failed, "no executor takes the request's stop texts") }
        guard replay.tokenCount == file.outputTokens.count else {
            return (.failed, "it ends after \(replay.tokenCount) of \(file.outputTokens.count) tokens")
        }
        let limit = tokensMax.map { "at most \($0)" } ?? "the limit is not known without the ledger"
        guard item.ends(as: replay, outputCount: file.outputTokens.count) else {
            return (.failed, "not for the reason that it states; \(replay.tokenCount) tokens, \(limit)")
        }
        return (.passed, "\(item.finishReason), after \(replay.tokenCount) tokens, \(limit)")
    }

    /// The output by the executor's own rule; nil without request or model.
    private var replay: AnswerReplay? {
        guard let request, let engine else { return nil }
        // Where the limit is not known, an answer that says that it reached it is believed.
        let reached = item.finishReason == .length ? file.outputTokens.count : .max
        return AnswerReplay(
            file.outputTokens, stops: request.stops, tokensMax: tokensMax ?? reached, engine: engine)
    }

    /// The most tokens that the answer may have; nil where that stands in parameters that could not be read.
    private var tokensMax: Int? {
        guard let request, let engine else { return nil }
        let parameters = try? facts.parameters.get()
        guard let defaultMax = request.maxTokens ?? parameters?.sessions.maxTokensDefault else { return nil }
        let own = UInt64(engine.capabilities.contextTokens)
        return AnswerReplay.tokensMax(
            request, defaultMax: defaultMax, promptTokens: file.promptTokens.count,
            contextTokens: min(own, modelRecord?.contextTokens ?? own))
    }
}
