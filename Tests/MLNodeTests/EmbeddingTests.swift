import EngineAPI
import ProtocolRules
import RemoteEngine
import StubEngine
import Testing

@Suite("Embeddings of an engine behind HTTP", .timeLimit(.minutes(1)))
struct EmbeddingTests {
    /// Wider than one event holds, of length 1.
    private static let wide: [Float] = Array(repeating: 1 / 64, count: 4_096)

    @Test func comeAcrossBitForBit() async throws {
        let engine = ScriptedEngine(fileHash: Hash32Of.first)
        try await NodeScene.serving(engine) { node in
            try await node.connected { remote in
                let own = try await engine.embed(Asked.prompt)
                let got = try await remote.embed(Asked.prompt)
                #expect(got == own)
                #expect(Embedding.isNormalised(got))
                await #expect(throws: EngineError.unsupported(field: "prompt")) { try await remote.embed([]) }
            }
        }
        try await NodeScene.serving(AlteredEngine(embedding: { _ in Self.wide })) { node in
            try await node.connected { remote in
                let got = try await remote.embed(Asked.prompt)
                #expect(got == Self.wide)
            }
        }
    }

    @Test(arguments: ["empty", "long", "endless"])
    func thatAreNoneAreRefused(how: String) async throws {
        let engine = AlteredEngine(embedding: { vector in
            switch how {
            case "empty": []
            case "long": vector.map { $0 * 2 }
            default: Array(repeating: 1 / 512, count: 262_144)
            }
        })
        try await NodeScene.serving(engine) { node in
            try await node.connected { remote in
                await #expect(throws: EngineError.self) { try await remote.embed(Asked.prompt) }
            }
        }
    }

    @Test func similarTextsAreClose() async throws {
        let engine = ScriptedEngine()
        func embed(_ text: String) async throws -> [Float] { try await engine.embed(try engine.tokenize(text)) }
        func likeness(_ first: [Float], _ second: [Float]) -> Float { zip(first, second).map(*).reduce(0, +) }
        let cat = try await embed("the cat sat")
        let cats = try await embed("the cats sat")
        let other = try await embed("9034 %%%% 1111")
        #expect(likeness(cat, cats) > likeness(cat, other))
        #expect(Embedding.normalised([0, 0]) == nil)
        #expect(Embedding.normalised([.nan]) == nil)
    }
}
