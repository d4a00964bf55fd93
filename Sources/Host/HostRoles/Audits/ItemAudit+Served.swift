import Cryptography
import EngineAPI
import Messages
import OpenAIWire
import Primitives
import ProtocolRules
import WireFormat

/// An item that somebody asked for: request and voucher lead to prompt, sampling, seed, ending and fee.
extension ItemAudit {
    /// - Returns: the prompt, rendered anew, and what held the output.
    func checkServed(
        _ payload: AuditPayload, _ serving: WorkItem.Serving, _ output: [TokenID]
    ) async throws(Failure) -> (prompt: [TokenID], constraints: OutputConstraints) {
        guard let session, session.id == serving.session else {
            throw .cannotCheck("the session \(serving.session) cannot be read")
        }
        try checkVoucher(payload.voucher, serving, session)
        let request = try checkRequest(payload, serving)
        let prompt = try await render(request)
        try checkPrompt(prompt, payload.item)
        try checkSampling(payload.item, serving, request)
        try checkEnding(payload.item, output, request)
        try checkCharge(payload.item, serving, request, session)
        // What no executor takes cannot have been asked for.
        guard
            let constraints = Prompt.constraints(
                of: request, vocabularySize: engine.capabilities.vocabularySize)
        else { throw .differs(.request) }
        return (prompt, constraints)
    }

    private func checkVoucher(
        _ signed: Signed<Voucher>?, _ serving: WorkItem.Serving, _ session: SessionRecord
    ) throws(Failure) {
        guard let signed, let key = PublicKey(compressed: session.sessionKey), signed.isValid(under: key) else {
            throw .differs(.voucher)
        }
        let voucher = signed.statement
        guard Hash32.sha256(voucher.encoded()) == serving.voucherDigest, voucher.chainID == chainID,
            voucher.executor == claim.claim.host, voucher.session == serving.session,
            voucher.sequence == serving.sequence, voucher.requestDigest == serving.requestDigest
        else { throw .differs(.voucher) }
    }

    private func checkRequest(
        _ payload: AuditPayload, _ serving: WorkItem.Serving
    ) throws(Failure) -> ChatCompletionRequest {
        guard Hash32.sha256(payload.body) == serving.requestDigest,
            let request = try? ChatCompletionRequest.parse(payload.body), request.model == payload.item.model,
            serving.choice < request.choices
        else { throw .differs(.request) }
        return request
    }

    private func render(_ request: ChatCompletionRequest) async throws(Failure) -> [TokenID] {
        do throws(EngineError) { return try await Prompt.tokens(of: request, by: engine) } catch {
            // Where this engine holds less than the model does, the fault is its own.
            if case .promptTooLong(_, let limit) = error, UInt64(max(0, limit)) >= model.contextTokens {
                throw .differs(.prompt)
            }
            throw error.isTransient ? .engineAway(error) : .cannotCheck("\(error)")
        }
    }

    private func checkSampling(
        _ item: WorkItem, _ serving: WorkItem.Serving, _ request: ChatCompletionRequest
    ) throws(Failure) {
        let seed = item.expectedSeed(clientSeed: request.seed, executor: claim.claim.host)
        guard item.sampling == request.sampling, item.seed == seed?.hash else { throw .differs(.sampling) }
    }

    /// Where the request sets no limit, an answer that says that it reached one is believed: the network's default may have
    /// changed since, and its executor's context may be smaller than the model's. Whoever cuts answers short earns less.
    private func checkEnding(
        _ item: WorkItem, _ output: [TokenID], _ request: ChatCompletionRequest
    ) throws(Failure) {
        guard item.promptTokens.addingReportingOverflow(item.outputTokens).partialValue <= model.contextTokens else {
            throw .differs(.ending)
        }
        let reached = item.finishReason == .length ? output.count : Int.max
        let limit = request.maxTokens.map { Int(clamping: $0) } ?? reached
        guard let replay = AnswerReplay(output, stops: request.stops, tokensMax: limit, engine: engine),
            item.ends(as: replay, outputCount: output.count)
        else { throw .differs(.ending) }
    }

    private func checkCharge(
        _ item: WorkItem, _ serving: WorkItem.Serving, _ request: ChatCompletionRequest, _ session: SessionRecord
    ) throws(Failure) {
        // The bound of a charge follows from the default of its time where the request sets no limit; without a bound the
        // tokens' price stands.
        let due = [maxTokensDefault, UInt64(OpenAILimits().outputTokensMax)].map {
            item.expectedFee(request, session.prices, defaultMax: $0)
        }
        guard due.contains(serving.fee) else { throw .differs(.charge) }
    }
}
