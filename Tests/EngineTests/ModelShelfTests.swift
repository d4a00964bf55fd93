import Cryptography
import EngineAPI
import Primitives
import ProtocolRules
import StubEngine
import Synchronization
import Testing

@Suite("Several models in one process")
struct ModelShelfTests {
    /// What happened, in order, and what may happen.
    private final class Diary: Sendable {
        private let events = Mutex<[String]>([])
        private let failures = Mutex<[String: EngineError]>([:])

        var all: [String] { events.withLock { $0 } }

        func note(_ event: String) { events.withLock { $0.append(event) } }

        func fail(_ model: String, with error: EngineError?) { failures.withLock { $0[model] = error } }

        func failure(of model: String) -> EngineError? { failures.withLock { $0[model] } }
    }

    private struct StubVocabulary: ModelVocabulary {
        let engine: ScriptedEngine

        var fileHash: Hash32 { engine.capabilities.fileHash }
        var size: UInt32 { engine.capabilities.vocabularySize }
        var endTokens: [TokenID] { engine.capabilities.endTokens }

        func render(_ messages: [ChatMessage], contextTokens: Int) throws(EngineError) -> [TokenID] {
            try engine.render(messages)
        }

        func tokenize(_ text: String, contextTokens: Int) throws(EngineError) -> [TokenID] { try engine.tokenize(text) }

        func bytes(of token: TokenID) -> Bytes { engine.bytes(of: token) }
    }

    /// - Parameters:
    ///   - answer: of each, with its name before it.
    ///   - gate: what a load waits for.
    private static func model(
        _ name: String, bytes: Int = 1, _ diary: Diary, gate: StepGate? = nil,
        beforeToken: @escaping ScriptedEngine.BeforeToken = { _ in }
    ) -> ShelvedModel {
        let engine = ScriptedEngine(model: name, answer: "I am \(name)", beforeToken: beforeToken)
        return ShelvedModel(
            capabilities: engine.capabilities, vocabulary: StubVocabulary(engine: engine), bytes: bytes
        ) { () async throws(EngineError) in
            diary.note("load \(name)")
            await gate?.wait()
            if let error = diary.failure(of: name) { throw error }
            return ShelvedModel.Loaded(engine) { diary.note("unload \(name)") }
        }
    }

    /// Opens once.
    private actor StepGate {
        private var isOpen = false
        private let (stream, source) = AsyncStream<Void>.makeStream()

        func wait() async {
            if isOpen { return }
            for await _ in stream { return }
        }

        func open() {
            isOpen = true
            source.finish()
        }
    }

    private static let request = GenerateRequest(
        prompt: Array("who?".utf8.map(TokenID.init)), sampling: .plain, seed: ItemSeed(.sha256([1])), maximumTokens: 20)

    private static func text(_ engine: any Engine) async throws -> String {
        try await engine.generate(request).reduce(into: "") { $0 += $1.text }
    }

    @Test("Models that do not fit together answer in turns, the least recently asked making room")
    func turns() async throws {
        let diary = Diary()
        let shelf = try ModelShelf(["a", "b", "c"].map { Self.model($0, diary) }, memoryMax: 2)
        let engines = shelf.engines
        try await shelf.loadWhatFits()
        #expect(engines.map(\.isLoaded) == [true, true, false])
        for index in [0, 2, 0, 1] {
            #expect(try await Self.text(engines[index]) == "I am \("abc".dropFirst(index).prefix(1))")
        }
        #expect(diary.all == ["load a", "load b", "unload b", "load c", "unload c", "load b"])
        _ = try await engines[2].score(
            ScoreRequest(prompt: [1], output: [2], sampling: .plain, seed: ItemSeed(.zero), turn: EngineTurn(.audit)))
        #expect(try await engines[2].embed([1, 2]).isEmpty == false)
        await shelf.stop()
        #expect(diary.all.suffix(2).allSatisfy { $0.hasPrefix("unload") })
        await #expect(throws: EngineError.stopped) { try await Self.text(engines[0]) }
    }

    @Test("Prompts and texts need no model")
    func vocabulary() async throws {
        let diary = Diary()
        let shelf = try ModelShelf([Self.model("a", diary)])
        #expect(try await shelf.engines[0].tokenize("x") == [120])
        #expect(try await shelf.engines[0].render([ChatMessage(role: .user, content: "x")]).contains(120))
        #expect(shelf.engines[0].bytes(of: 120) == [120])
        #expect(diary.all.isEmpty)
    }

    @Test("A request that is cancelled while its model is loaded ends at once, and the model serves the next")
    func cancelledWhileLoading() async throws {
        let (diary, gate) = (Diary(), StepGate())
        let shelf = try ModelShelf([Self.model("a", diary, gate: gate)])
        let waiting = Task { try await Self.text(shelf.engines[0]) }
        while diary.all.isEmpty { await Task.yield() }
        waiting.cancel()
        _ = try? await waiting.value
        let score = Task {
            try await shelf.engines[0].score(
                ScoreRequest(prompt: [1], output: [2], sampling: .plain, seed: ItemSeed(.zero)))
        }
        score.cancel()
        await #expect(throws: EngineError.cancelled) { try await score.value }
        await gate.open()
        #expect(try await Self.text(shelf.engines[0]) == "I am a")
        #expect(diary.all == ["load a"])
        await shelf.stop()
    }

    @Test("A model with an open answer stays until that has ended")
    func busy() async throws {
        let (diary, gate) = (Diary(), StepGate())
        let busy = Self.model("a", diary) { position in if position == 3 { await gate.wait() } }
        let shelf = try ModelShelf([busy, Self.model("b", diary)], memoryMax: 1)
        let engines = shelf.engines
        let first = Task {
            try await engines[0].generate(Self.request).reduce(into: "") { text, token in
                diary.note("token")
                text += token.text
            }
        }
        while diary.all.count < 4 { await Task.yield() }
        let second = Task { try await Self.text(engines[1]) }
        for _ in 0..<100 { await Task.yield() }
        #expect(diary.all.contains("unload a") == false)
        await gate.open()
        #expect(try await first.value == "I am a")
        #expect(try await second.value == "I am b")
        #expect(diary.all.suffix(2) == ["unload a", "load b"])
        await shelf.stop()
    }

    @Test("A model that cannot be loaded costs the others nothing, and says why")
    func failure() async throws {
        let diary = Diary()
        let error = EngineError.unusableModel(path: "b", reason: "test")
        diary.fail("b", with: error)
        let shelf = try ModelShelf([Self.model("a", diary), Self.model("b", diary)], memoryMax: 2)
        #expect(try await Self.text(shelf.engines[0]) == "I am a")
        await #expect(throws: error) { try await Self.text(shelf.engines[1]) }
        #expect(try await Self.text(shelf.engines[0]) == "I am a")
        // Not at once again.
        await #expect(throws: error) { try await Self.text(shelf.engines[1]) }
        #expect(diary.all == ["load a", "load b"])
        await shelf.stop()
    }

    @Test("What cannot be served is said at the start")
    func refusals() async throws {
        let diary = Diary()
        #expect(throws: EngineError.unusableModel(path: "b", reason: "it takes 3 MiB and 2 are allowed")) {
            try ModelShelf(
                [Self.model("a", bytes: 1 << 20, diary), Self.model("b", bytes: 3 << 20, diary)], memoryMax: 2 << 20)
        }
        #expect(throws: EngineError.self) { try ModelShelf([]) }
        #expect(throws: EngineError.self) { try ModelShelf([Self.model("a", diary), Self.model("a", diary)]) }
        diary.fail("a", with: .failed(reason: "test"))
        let shelf = try ModelShelf([Self.model("a", diary)])
        await #expect(throws: EngineError.failed(reason: "test")) { try await shelf.loadWhatFits() }
        await shelf.stop()
    }

    @Test("Stopping ends those who wait, and gives back what a load that was under way made")
    func stopWhileLoading() async throws {
        let (diary, gate) = (Diary(), StepGate())
        let shelf = try ModelShelf([Self.model("a", diary, gate: gate)])
        let waiting = Task { try await Self.text(shelf.engines[0]) }
        while diary.all.isEmpty { await Task.yield() }
        let stopping = Task { await shelf.stop() }
        await #expect(throws: EngineError.stopped) { try await waiting.value }
        await gate.open()
        await stopping.value
        #expect(diary.all == ["load a", "unload a"])
    }

    @Test("Loads, failures and unloads are told, with how many are in memory")
    func events() async throws {
        let (diary, told) = (Diary(), Diary())
        diary.fail("c", with: .overloaded)
        let shelf = try ModelShelf(["a", "b", "c"].map { Self.model($0, diary) }, memoryMax: 1) { event, loaded in
            switch event {
            case .loaded(let model, _): told.note("\(model) came, \(loaded)")
            case .failed(let model, _): told.note("\(model) failed, \(loaded)")
            case .unloaded(let model): told.note("\(model) went, \(loaded)")
            }
        }
        for engine in shelf.engines { _ = try? await Self.text(engine) }
        await shelf.stop()
        #expect(told.all == ["a came, 1", "a went, 0", "b came, 1", "b went, 0", "c failed, 0"])
    }
}
