import EngineAPI
import EngineWire
import Primitives
import ProtocolRules
import RemoteEngine
import StubEngine
import Testing

@Suite("A node with several models")
struct SeveralModelsTests {
    private static let engines = [
        ScriptedEngine(model: "one", fileHash: Hash32Of.first, answer: "first"),
        ScriptedEngine(model: "two", fileHash: Hash32Of.second, answer: "second", contextTokens: 77),
    ]

    @Test("A host gets the model that it names, and the first where it names none")
    func named() async throws {
        try await NodeScene.serving(Self.engines) { node in
            for (model, text, tokens) in [("one", "first", 2_048), ("two", "second", 77), (nil, "first", 2_048)] {
                try await node.connected(model: model) { engine in
                    #expect(engine.capabilities.contextTokens == tokens)
                    #expect(try await engine.tokenize("x") == [120])
                    let prompt = try await engine.render([ChatMessage(role: .user, content: "x")])
                    let answer = try await Asked.tokens(Asked.generate(), of: engine)
                    #expect(answer.map(\.text).joined() == text && prompt.isEmpty == false)
                    #expect(try await engine.score(Asked.score(answer.map(\.token))).positions.count == answer.count)
                    #expect(try await engine.embed([1]).isEmpty == false)
                }
            }
        }
    }

    @Test("A model that the node does not have is refused by name")
    func unknown() async throws {
        try await NodeScene.serving(Self.engines) { node in
            let error = EngineError.unusableModel(
                path: node.url, reason: "\(EngineError.unsupported(field: "model three; it has one, two"))")
            await #expect(throws: error) { try await node.connected(model: "three") { _ in } }
        }
    }

    @Test("Capabilities are those of the first for a host that knows no list; with a list they say what is loaded")
    func capabilities() throws {
        let body = try EngineWire.encode(CapabilitiesBody(Self.engines))
        let text = String(decoding: body, as: UTF8.self)
        #expect(text.contains("\"model\":\"one\"") && text.contains("\"models\":[{") && text.contains("\"version\":2"))
        #expect(text.contains("\"loaded\":true"))
        let read = try EngineWire.decode(CapabilitiesBody.self, from: body)
        #expect(try read.capabilities() == Self.engines[0].capabilities)
        #expect(try read.capabilities(of: "two") == Self.engines[1].capabilities)
        #expect(throws: EngineError.self) { try read.capabilities(of: "three") }
        let old = """
            {"version":2,"model":"one","file_hash":"\(Hash32Of.first)","vocabulary_size":259,"context_tokens":2048,\
            "parallel_sequences":64,"binds_tokens_to_seed":true,"end_tokens":[257]}
            """
        let single = try EngineWire.decode(CapabilitiesBody.self, from: Bytes(old.utf8))
        #expect(single.listsModels == false)
        // Its host compares the model's id with the ledger's record.
        #expect(try single.capabilities(of: "two") == Self.engines[0].capabilities)
    }

    @Test("Ids go into an address as they are")
    func path() throws {
        #expect(try EngineWire.vocabularyPath(of: nil) == "vocabulary")
        #expect(try EngineWire.vocabularyPath(of: "a/b?c&d=é") == "vocabulary?model=a%2Fb%3Fc%26d%3D%C3%A9")
    }
}
