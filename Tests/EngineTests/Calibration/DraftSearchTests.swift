import Cryptography
import EngineAPI
import ProtocolRules
import StubEngine
import Testing

@testable import Calibration

struct DraftSearchTests {
    private let requests = (0..<3).map { index in
        GenerateRequest(
            prompt: [1, 2, 3], sampling: .plain, seed: ItemSeed(.sha256([UInt8(index)])), maximumTokens: 12,
            ignoresEndTokens: true)
    }

    private func search(_ drafter: any Engine, rounds: Int) async throws -> SearchResult {
        try await DraftSearch(
            drafter: EngineWork(engine: drafter), auditor: EngineWork(engine: ScriptedEngine()), atOnce: 2,
            marginMicroNatsMax: 3_000
        ).run(requests, rounds: rounds, model: .q8_0)
    }

    @Test func theModelItselfPassesAtOnce() async throws {
        let result = try await search(ScriptedEngine(), rounds: 2)
        #expect(result.passedByRound == [3, 3, 3])
        #expect(result.draftedTokens == 36 && result.answerTokens == 36)
        #expect(result.readTokens == 3 * (3 + 12))
    }

    /// The flipped token is mended, and everything after it written again.
    @Test func oneWrongTokenTakesOneReplacement() async throws {
        let result = try await search(AlteredEngine(ScriptedEngine(), flippedPosition: 4), rounds: 3)
        #expect(result.passedByRound == [0, 3, 3, 3])
        #expect(result.draftedTokens == 3 * (12 + 7))
        #expect(result.readTokens == 3 * 2 * 15)
    }

    /// Also at the last place, where nothing is left to write.
    @Test func aWrongLastTokenIsMendedToo() async throws {
        let result = try await search(AlteredEngine(ScriptedEngine(), flippedPosition: 11), rounds: 1)
        #expect(result.passedByRound == [0, 3])
        #expect(result.draftedTokens == 36)
    }

    @Test func anotherModelNeedsManyReplacements() async throws {
        let result = try await search(ScriptedEngine(weights: 5), rounds: 2)
        #expect(result.passedByRound == [0, 0, 0])
        #expect(result.items == 3)
    }
}
