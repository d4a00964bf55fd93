import Cryptography
import EngineAPI
import Primitives
import ProtocolRules
import StubEngine
import Synchronization
import Testing

@Suite("Several engines as one")
struct EnginePoolTests {
    /// A scripted engine that counts what it gets, and can be made to fail.
    final class Counting: Engine {
        private let base: ScriptedEngine
        private let error: EngineError?
        private let tokensBefore: Int
        private let calls = Mutex(0)

        init(_ base: ScriptedEngine = ScriptedEngine(), failing error: EngineError? = nil, after tokensBefore: Int = 0)
        {
            (self.base, self.error, self.tokensBefore) = (base, error, tokensBefore)
        }

        var count: Int { calls.withLock { $0 } }
        var capabilities: EngineCapabilities { base.capabilities }

        func render(_ messages: [ChatMessage]) throws(EngineError) -> [TokenID] { try base.render(messages) }

        func tokenize(_ text: String) throws(EngineError) -> [TokenID] { try base.tokenize(text) }

        func bytes(of token: TokenID) -> Bytes { base.bytes(of: token) }

        func generate(_ request: GenerateRequest) -> AsyncThrowingStream<GeneratedToken, any Error> {
            calls.withLock { $0 += 1 }
            guard let error else { return base.generate(request) }
            let tokens = base.generate(request)
            return AsyncThrowingStream { continuation in
                Task {
                    var left = tokensBefore
                    for try await token in tokens where left > 0 {
                        left -= 1
                        continuation.yield(token)
                    }
                    continuation.finish(throwing: error)
                }
            }
        }

        func embed(_ tokens: [TokenID]) async throws(EngineError) -> [Float] { try await base.embed(tokens) }

        func score(_ request: ScoreRequest) async throws(EngineError) -> ScoreResult {
            calls.withLock { $0 += 1 }
            if let error { throw error }
            return try await base.score(request)
        }
    }

    private static let request = GenerateRequest(
        prompt: Array("question".utf8.map(TokenID.init)), sampling: .plain, seed: ItemSeed(.sha256([1])),
        maximumTokens: 20)

    private static func tokens(_ engine: any Engine) async throws -> [TokenID] {
        try await engine.generate(request).reduce(into: []) { $0.append($1.token) }
    }

    @Test("Requests that run at once are spread, and each gets the answer that it would get alone")
    func spread() async throws {
        let engines = [Counting(), Counting(), Counting()]
        let pool = try #require(EnginePool(engines))
        let alone = try await Self.tokens(ScriptedEngine())
        let answers = try await withThrowingTaskGroup(of: [TokenID].self) { group in
            for _ in 0..<30 { group.addTask { try await Self.tokens(pool) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count == 30 && answers.allSatisfy { $0 == alone })
        #expect(engines.reduce(0) { $0 + $1.count } == 30)
        #expect(engines.allSatisfy { $0.count > 0 })
        #expect(pool.capabilities.parallelSequences == 3 * engines[0].capabilities.parallelSequences)
    }

    @Test("An engine that fails before its first token costs nobody an answer, and is left alone for a while")
    func failover() async throws {
        let (dead, alive) = (Counting(failing: .stopped), Counting())
        let pool = try #require(EnginePool([dead, alive], rest: .seconds(1_000)))
        for _ in 0..<5 { #expect(try await Self.tokens(pool).isEmpty == false) }
        #expect((dead.count, alive.count) == (1, 5))
        let score = ScoreRequest(prompt: [1], output: [2], sampling: .plain, seed: ItemSeed(.zero))
        _ = try await pool.score(score)
        #expect((dead.count, alive.count) == (1, 6))
    }

    @Test(
        "An engine that came back with another model, or is away, does not swallow the requests of all",
        arguments: [
            EngineError.wrongModelFile(path: "x", expected: .zero, found: .sha256([1])),
            .unusableModel(path: "x", reason: "another token"), .unreachable(reason: "away"),
        ])
    func wrongEngine(error: EngineError) async throws {
        let (wrong, right) = (Counting(failing: error), Counting())
        let pool = try #require(EnginePool([wrong, right], rest: .seconds(1_000)))
        for _ in 0..<5 { #expect(try await Self.tokens(pool).isEmpty == false) }
        #expect((wrong.count, right.count) == (1, 5))
    }

    @Test("An answer that broke off is not begun again by another engine")
    func breaksOff() async throws {
        let (broken, alive) = (Counting(failing: .failed(reason: "test"), after: 3), Counting())
        let pool = try #require(EnginePool([broken, alive]))
        var seen = 0
        await #expect(throws: EngineError.failed(reason: "test")) {
            for try await _ in pool.generate(Self.request) { seen += 1 }
        }
        #expect((seen, alive.count) == (3, 0))
    }

    @Test("Where all fail, or the request is at fault, the caller is told why")
    func noneLeft() async throws {
        let pool = try #require(EnginePool([Counting(failing: .stopped), Counting(failing: .stopped)]))
        await #expect(throws: EngineError.stopped) { try await Self.tokens(pool) }
        let (first, second) = (Counting(failing: .unsupported(field: "prompt")), Counting())
        let picky = try #require(EnginePool([first, second]))
        await #expect(throws: EngineError.unsupported(field: "prompt")) { try await Self.tokens(picky) }
        #expect(second.count == 0)
    }

    @Test("Engines of different models are no pool, but one each")
    func models() {
        let engines = ["a", "b", "a"].map { ScriptedEngine(model: $0) }
        #expect(EnginePool(engines) == nil)
        #expect(EnginePool.single([]) == nil)
        #expect(EnginePool.byModel(engines).map(\.capabilities.model) == ["a", "b"])
    }

    @Test("Who shares an engine has a part of its places and marks its requests")
    func shares() async throws {
        let share = SharedEngine(ScriptedEngine(parallelSequences: 8), client: 2, of: 3)
        #expect(share.capabilities.parallelSequences == 2)
        #expect(try await Self.tokens(share) == Self.tokens(ScriptedEngine()))
    }
}
