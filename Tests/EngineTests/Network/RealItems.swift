import Cryptography
import EngineAPI
import LlamaEngine
import Messages
import Primitives
import ProtocolRules
import TestSupport

@testable import Calibration

/// How a host that is paid for a model makes its items.
enum Making: Hashable {
    /// With the model of record, one at a time.
    case honest
    /// With another model, whose numbers it states.
    case open(ModelVariant)
    /// With another model's tokens and the numbers of one prefill by the model of record.
    case draft(ModelVariant)
    /// The same, replacing tokens until the margin passes.
    case search(ModelVariant)
}

/// Sprint items that were really made, and really scored by the model of record.
final class RealItems {
    private let models: CheatModels
    private let auditor: EngineWork
    /// How far searches came, one for each sprint of a host that searches.
    private(set) var searches: [SearchResult] = []

    init(_ models: CheatModels) throws {
        self.models = models
        auditor = EngineWork(engine: try models.engine(.exact))
    }

    /// One item with all that its host knows, and what auditors will find.
    struct Made: Sendable {
        let request: GenerateRequest
        let output: [TokenID]
        let noted: [LogProbabilityPair]
        let score: ScoreResult

        /// The ledger's item `index` of a round, as `host` claims it.
        func item(_ index: UInt64, of round: RoundRecord, _ work: SprintWork, model: String) -> SimulatedItem? {
            let digests = (prompt: TokenDigest.digest(of: request.prompt), output: TokenDigest.digest(of: output))
            let positions = FingerprintPositions.positions(
                outputCount: output.count, promptDigest: digests.prompt, outputDigest: digests.output)
            let salt = Bytes(work.itemSeed(index).hash.bytes.prefix(Fingerprint.saltLength))
            let margin = Margin(score, sampling: request.sampling, seed: request.seed)
            guard let stated = Fingerprint(noted, at: positions), let commitment = stated.commitment(salt: salt) else {
                return nil
            }
            let item = WorkItem(
                kind: round.timetable.kind, model: model, promptDigest: digests.prompt, sampling: request.sampling,
                seed: work.itemSeed(index).hash, outputDigest: digests.output,
                promptTokens: UInt64(request.prompt.count), cachedTokens: 0, outputTokens: UInt64(output.count),
                finishReason: .length, fingerprintCommitment: commitment, serving: nil)
            let numbers = score.logProbabilities
            return SimulatedItem(item, fingerprint: stated, salt: salt) { panelSeed, sample in
                let fresh = panelSeed.map {
                    FingerprintPositions.fresh(outputCount: numbers.count, panelSeed: $0, sample: sample)
                }
                return AuditResult(
                    outcome: .scored, difference: 0, marginMicroNats: margin.microNats,
                    matched: UInt64(margin.matchedPositions),
                    fingerprint: Fingerprint(numbers, at: positions)?.bytes ?? [],
                    freshFingerprint: fresh.flatMap { Fingerprint(numbers, at: $0)?.bytes } ?? [])
            }
        }
    }

    /// Prompts and seeds of a sprint's first items, by the protocol's rules.
    static func requests(_ work: SprintWork, count: UInt64, ordinary: TokenRanges) -> [GenerateRequest] {
        (0..<count).map { index in
            GenerateRequest(
                prompt: work.prompt(index, ordinary: ordinary), sampling: SprintWork.sampling,
                seed: work.itemSeed(index), maximumTokens: Int(work.outputTokens), ignoresEndTokens: true)
        }
    }

    func make(_ making: Making, _ requests: [GenerateRequest]) async throws -> [Made] {
        switch making {
        case .honest: try await scored(try await answers(.exact, requests, atOnce: 1))
        case .open(let variant): try await scored(try await answers(variant, requests, atOnce: CheatModels.sequences))
        case .draft(let variant):
            try await dressed(
                try await answers(variant, requests, atOnce: CheatModels.sequences).map { ($0.request, $0.output) })
        case .search(let variant):
            try await dressed(
                zip(requests, try await search(variant, requests).outputs).map { (request: $0, output: $1) })
        }
    }

    /// Up to eight replacements an item.
    private func search(_ variant: ModelVariant, _ requests: [GenerateRequest]) async throws -> SearchResult {
        let search = DraftSearch(
            drafter: EngineWork(engine: try models.engine(variant)), auditor: auditor, atOnce: CheatModels.sequences,
            marginMicroNatsMax: ModelThresholds.smolLM2.marginMicroNatsMax)
        let result = try await search.run(requests, rounds: 8, model: variant)
        searches.append(result)
        return result
    }

    private typealias Answered = (request: GenerateRequest, output: [TokenID], noted: [LogProbabilityPair])

    private func answers(
        _ variant: ModelVariant, _ requests: [GenerateRequest], atOnce: Int
    ) async throws -> [Answered] {
        let answers = try await EngineWork(engine: try models.engine(variant)).answers(requests, atOnce: atOnce)
        return answers.map { ($0.request, $0.tokens.map(\.token), $0.tokens.map(\.logProbabilities)) }
    }

    /// With the numbers of a prefill of the host's own.
    private func dressed(_ answers: [(request: GenerateRequest, output: [TokenID])]) async throws -> [Made] {
        let own = try await auditor.scores(answers, atOnce: CheatModels.sequences)
        return try await scored(zip(answers, own).map { ($0.request, $0.output, $1.logProbabilities) })
    }

    /// Auditors score items one by one.
    private func scored(_ answers: [Answered]) async throws -> [Made] {
        let scores = try await auditor.scores(answers.map { ($0.request, $0.output) }, atOnce: 1)
        return zip(answers, scores).map { answer, score in
            Made(request: answer.request, output: answer.output, noted: answer.noted, score: score)
        }
    }
}
