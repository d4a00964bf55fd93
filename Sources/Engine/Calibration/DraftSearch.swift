import EngineAPI
import ProtocolRules

/// The cheat that looks for tokens which pass: a cheap model drafts the whole answer, the model of record reads it once,
/// the first token that costs more than a little becomes the model's own choice, and the cheap model goes on from there.
///
/// Given the model's numbers for a position there is nothing cheaper to do with them than to take the right token: this
/// is speculative decoding with some tolerance.
struct DraftSearch: Sendable {
    let drafter: EngineWork
    let auditor: EngineWork
    let atOnce: Int
    /// What passes.
    let marginMicroNatsMax: UInt64

    /// A token that costs more is replaced.
    private static let tolerableNats = 0.05

    private struct Draft: Sendable {
        let request: GenerateRequest
        var output: [TokenID] = []
        var rounds = 0
        var passed = false
    }

    func run(_ requests: [GenerateRequest], rounds: Int, model: ModelVariant) async throws -> SearchResult {
        var drafts = requests.map { Draft(request: $0) }
        var tally = Tally()
        for round in 0...rounds {
            let open = drafts.indices.filter { !drafts[$0].passed }
            guard !open.isEmpty else { break }
            let written = try await extended(open.map { drafts[$0] }, &tally)
            let results = try await auditor.scores(
                written.map { ($0.request, $0.output) }, atOnce: CalibrationPlan.auditorSequences)
            for (index, (draft, result)) in zip(open, zip(written, results)) {
                tally.read += draft.request.prompt.count + draft.output.count
                drafts[index] = judged(draft, result, round: round)
            }
        }
        let passed = drafts.filter(\.passed)
        return SearchResult(
            model: model, items: requests.count,
            passedByRound: (0...rounds).map { round in passed.count { $0.rounds <= round } },
            draftedTokens: tally.drafted, readTokens: tally.read,
            answerTokens: drafts.reduce(0) { $0 + $1.output.count }, outputs: drafts.map(\.output))
    }

    private struct Tally {
        /// Tokens that the cheap model generated.
        var drafted = 0
        /// Tokens that the model of record read.
        var read = 0
    }

    /// Writes each draft to its end.
    private func extended(_ drafts: [Draft], _ tally: inout Tally) async throws -> [Draft] {
        let unfinished = drafts.filter { $0.output.count < $0.request.maximumTokens }
        let answers = try await drafter.answers(
            unfinished.map { $0.request.continued(after: $0.output) }, atOnce: atOnce)
        var rests = answers.map { $0.tokens.map(\.token) }[...]
        return drafts.map { draft in
            guard draft.output.count < draft.request.maximumTokens, let rest = rests.popFirst() else { return draft }
            var draft = draft
            draft.output += rest
            tally.drafted += rest.count
            return draft
        }
    }

    /// The draft as it goes into the next round: passed, or cut behind its first mended token.
    private func judged(_ draft: Draft, _ result: ScoreResult, round: Int) -> Draft {
        var draft = draft
        let request = draft.request
        let margin = Margin(result, sampling: request.sampling, seed: request.seed)
        draft.rounds = round
        draft.passed = margin.microNats <= marginMicroNatsMax
        let worst = margin.nats.firstIndex { $0 > Self.tolerableNats }
        guard !draft.passed, let place = worst ?? margin.nats.indices.max(by: { margin.nats[$0] < margin.nats[$1] })
        else { return draft }
        let own = ReferenceSampler.choose(
            among: result.positions[place].candidates, sampling: request.sampling, noise: TokenNoise(request.seed),
            position: UInt32(place))
        draft.output = draft.output.prefix(place) + [own ?? draft.output[place]]
        return draft
    }
}

extension GenerateRequest {
    /// The same answer from its token after `output` on.
    fileprivate func continued(after output: [TokenID]) -> GenerateRequest {
        GenerateRequest(
            prompt: prompt, sampling: sampling, seed: seed, maximumTokens: maximumTokens, begun: output,
            ignoresEndTokens: ignoresEndTokens)
    }
}
