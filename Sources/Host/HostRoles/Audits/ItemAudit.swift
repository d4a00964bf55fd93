import Cryptography
import EngineAPI
import Messages
import Primitives
import ProtocolRules

/// Holds what a claimant handed out against what it claimed: a pure function, but for the engine that renders and spells.
///
/// The order is that of trust: what the claim binds comes first, so that the first difference is the one that a panel finds.
struct ItemAudit: Sendable {
    /// Why there is nothing to score.
    enum Failure: Error, Equatable {
        /// The claimant's fault; a panel looks.
        case differs(AuditDifference)
        /// This host's own.
        case cannotCheck(String)
        /// Trying again may help.
        case engineAway(EngineError)
    }

    let chainID: String
    let claim: AuditedClaim
    let sample: AuditedSample
    let entry: AuditedClaim.Entry
    let model: ModelRecord
    /// The session at the item's place; nil for synthetic work.
    let session: SessionRecord?
    /// The network's `max_tokens` for requests that set none.
    let maxTokensDefault: UInt64
    let engine: any Engine

    /// Everything that needs no model: afterwards prompt and output are the item's.
    ///
    /// - Returns: what is to be scored.
    func check(_ payload: AuditPayload) async throws(Failure) -> ScoreRequest {
        guard engine.capabilities.model == entry.entry.model else {
            throw .cannotCheck("no engine runs \(entry.entry.model)")
        }
        try checkProof(payload)
        try checkPlace(payload)
        let output = try checkOutput(payload)
        let (prompt, constraints) =
            if let serving = payload.item.serving {
                try await checkServed(payload, serving, output)
            } else {
                (try checkSynthetic(payload), OutputConstraints.none)
            }
        return ScoreRequest(
            prompt: prompt, output: output, sampling: payload.item.sampling, seed: ItemSeed(payload.item.seed),
            constraints: constraints, turn: EngineTurn(.audit))
    }

    private func checkProof(_ payload: AuditPayload) throws(Failure) {
        let interval: SumTreeInterval
        do throws(SumTreeProofError) {
            interval = try payload.proof.verify(payload.item.leaf, in: entry.entry.treeClaim)
        } catch {
            throw .differs(.proof)
        }
        guard interval.contains(sample.point, by: sample.measure) else { throw .differs(.place) }
    }

    private func checkPlace(_ payload: AuditPayload) throws(Failure) {
        let item = payload.item
        guard item.kind == claim.round.timetable.kind, item.model == entry.entry.model else { throw .differs(.place) }
        guard let place = entry.entry.place(of: payload.proof.index) else {
            guard entry.entry.sessions.isEmpty, item.serving == nil, item.kind != .serving else {
                throw .differs(.place)
            }
            return
        }
        guard let serving = item.serving, (serving.session, serving.number) == place else { throw .differs(.place) }
        // The claim says how much of its fees each session pays; a leaf of another session at this point belies it.
        if sample.measure == .fee, entry.entry.session(atFee: sample.point) != serving.session {
            throw .differs(.place)
        }
    }

    private func checkOutput(_ payload: AuditPayload) throws(Failure) -> [TokenID] {
        let item = payload.item
        let tokens = payload.outputTokens.compactMap { TokenID(exactly: $0) }
        guard tokens.count == payload.outputTokens.count, UInt64(tokens.count) == item.outputTokens,
            TokenDigest.digest(of: tokens) == item.outputDigest, !tokens.isEmpty,
            tokens.allSatisfy({ $0 < engine.capabilities.vocabularySize })
        else { throw .differs(.output) }
        return tokens
    }

    /// Synthetic work follows from round, host and index alone.
    private func checkSynthetic(_ payload: AuditPayload) throws(Failure) -> [TokenID] {
        let (item, round) = (payload.item, claim.round)
        guard payload.body.isEmpty, payload.voucher == nil else { throw .differs(.request) }
        guard let seed = round.workSeed else { throw .differs(.place) }
        let work = SprintWork(
            workSeed: seed, host: claim.claim.host, model: entry.entry.model, promptTokens: round.terms.promptTokens,
            outputTokens: round.terms.outputTokens)
        let prompt = work.prompt(payload.proof.index, ordinary: model.ordinaryTokens)
        try checkPrompt(prompt, item)
        guard item.sampling == SprintWork.sampling, item.seed == work.itemSeed(payload.proof.index).hash else {
            throw .differs(.sampling)
        }
        guard item.outputTokens == round.terms.outputTokens, item.finishReason == .length else {
            throw .differs(.ending)
        }
        guard item.cachedTokens == 0 else { throw .differs(.charge) }
        return prompt
    }

    func checkPrompt(_ prompt: [TokenID], _ item: WorkItem) throws(Failure) {
        guard UInt64(prompt.count) == item.promptTokens, TokenDigest.digest(of: prompt) == item.promptDigest,
            !prompt.isEmpty
        else { throw .differs(.prompt) }
    }
}
