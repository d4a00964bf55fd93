import Cryptography
import EngineAPI
import Messages
import Primitives
import ProtocolRules

/// The work of one model in one sprint or confirmation: everything an item follows from.
struct SprintTask: Sendable {
    let round: RoundRecord
    let model: ModelRecord
    let work: SprintWork

    /// - Returns: nil for a round or a model that has no such work, or that this context does not hold.
    init?(_ round: RoundRecord, model: ModelRecord, host: Address, contextTokens: Int) {
        guard round.timetable.kind != .serving, let seed = round.workSeed, model.ordinaryTokens.count > 0 else {
            return nil
        }
        let length = round.terms.promptTokens.addingReportingOverflow(round.terms.outputTokens)
        guard !length.overflow, length.partialValue <= UInt64(contextTokens), round.terms.promptTokens > 0,
            round.terms.outputTokens > 0
        else { return nil }
        self.round = round
        self.model = model
        work = SprintWork(
            workSeed: seed, host: host, model: model.id, promptTokens: round.terms.promptTokens,
            outputTokens: round.terms.outputTokens)
    }

    /// Generates the item at `index`.
    ///
    /// - Throws: what the engine fails with; `.failed` where it gives another number of tokens than was asked for.
    func item(_ index: UInt64, on engine: any Engine) async throws(EngineError) -> SprintItem {
        let prompt = work.prompt(index, ordinary: model.ordinaryTokens)
        let request = GenerateRequest(
            prompt: prompt, sampling: SprintWork.sampling, seed: work.itemSeed(index),
            maximumTokens: Int(work.outputTokens), ignoresEndTokens: true, turn: EngineTurn(.background))
        var (tokens, logProbabilities): ([TokenID], [LogProbabilityPair]) = ([], [])
        do {
            for try await token in engine.generate(request) {
                tokens.append(token.token)
                logProbabilities.append(token.logProbabilities)
            }
        } catch {
            throw error as? EngineError ?? .failed(reason: "\(error)")
        }
        if Task.isCancelled { throw .cancelled }
        guard UInt64(tokens.count) == work.outputTokens else {
            throw .failed(reason: "it gave \(tokens.count) of \(work.outputTokens) tokens")
        }
        return try item(index, prompt, tokens, logProbabilities)
    }

    private func item(
        _ index: UInt64, _ prompt: [TokenID], _ tokens: [TokenID], _ logProbabilities: [LogProbabilityPair]
    ) throws(EngineError) -> SprintItem {
        let (promptDigest, outputDigest) = (TokenDigest.digest(of: prompt), TokenDigest.digest(of: tokens))
        let positions = FingerprintPositions.positions(
            outputCount: tokens.count, promptDigest: promptDigest, outputDigest: outputDigest)
        let salt = Secret.random(count: Fingerprint.saltLength).copiedBytes()
        guard let fingerprint = Fingerprint(logProbabilities, at: positions),
            let commitment = fingerprint.commitment(salt: salt)
        else { throw .failed(reason: "its log-probabilities make no fingerprint") }
        let item = WorkItem(
            kind: round.timetable.kind, model: model.id, promptDigest: promptDigest, sampling: SprintWork.sampling,
            seed: work.itemSeed(index).hash, outputDigest: outputDigest, promptTokens: UInt64(prompt.count),
            cachedTokens: 0, outputTokens: UInt64(tokens.count), finishReason: .length,
            fingerprintCommitment: commitment, serving: nil)
        return SprintItem(
            index: index, item: item, outputTokens: tokens, fingerprint: fingerprint.bytes, salt: salt)
    }
}
