import EngineAPI
import Foundation
import HTTPEdge
import Hummingbird
import Logging
import NIOCore
import Primitives
import ProtocolRules
import ServiceLifecycle
import StubEngine
import Synchronization

/// What a llama-server answers, with a scripted engine for its model and one conversation.
///
/// Like the real one it says nothing about a token that ends in the middle of a character.
final class ScriptedServer: Sendable {
    let engine: ScriptedEngine
    private let prompt: [TokenID]
    private let seen = Mutex<[Question]>([])

    struct Question: Decodable, Sendable {
        let prompt: [TokenID]
        let bias: [[Double]]
        let count: Int
        let slot: Int
        let reuses: Bool

        private enum CodingKeys: String, CodingKey {
            case prompt
            case bias = "logit_bias"
            case count = "n_probs"
            case slot = "id_slot"
            case reuses = "cache_prompt"
        }
    }

    private struct Text: Decodable { let content: String }

    init(_ engine: ScriptedEngine = ScriptedEngine(), prompt: [TokenID]) {
        (self.engine, self.prompt) = (engine, prompt)
    }

    /// What it was asked about positions.
    var questions: [Question] { seen.withLock { $0 } }

    /// Serves for as long as `body` runs.
    ///
    /// - Parameter completion: answers in its place about a position.
    func serving(
        vocabularySize: UInt32? = nil, completion: (@Sendable (Question) -> String?)? = nil,
        _ body: @escaping @Sendable (_ url: String) async throws -> Void
    ) async throws {
        let router = Router(context: EdgeContext.self)
        let (size, context) = (vocabularySize ?? engine.capabilities.vocabularySize, engine.capabilities.contextTokens)
        router.get("props") { _, _ in
            Response.json(Bytes(#"{"default_generation_settings":{"n_ctx":\#(context)},"total_slots":2}"#.utf8))
        }
        router.get("v1/models") { _, _ in Response.json(Bytes(#"{"data":[{"meta":{"n_vocab":\#(size)}}]}"#.utf8)) }
        router.post("tokenize") { request, _ in
            let text = try await Self.read(Text.self, request).content
            return Response.json(Bytes(#"{"tokens":\#(text.utf8.map { Int($0) })}"#.utf8))
        }
        router.post("completion") { request, _ in
            let question = try await Self.read(Question.self, request)
            self.seen.withLock { $0.append(question) }
            if let scripted = completion?(question) { return Response.json(Bytes(scripted.utf8)) }
            return Response.json(try await self.answer(question))
        }
        try await Self.run(router, body)
    }

    private func answer(_ question: Question) async throws -> Bytes {
        let output = Array(question.prompt.dropFirst(prompt.count))
        let forced = TokenID(question.bias[0][0])
        let (number, highest) = try await view(output, forced)
        var top = highest
        // Its engine names 256; a real server as many as it is asked for.
        if question.count > top.count {
            for token in 0..<engine.capabilities.vocabularySize where !top.contains(where: { $0.token == token }) {
                top.append((token, try await view(output, token).number))
            }
        }
        let entries = top.prefix(question.count).map { #"{"id":\#($0.token),"logprob":\#($0.number)}"# }
        let isTold = String(validating: engine.bytes(of: forced), as: UTF8.self) != nil
        let told =
            #""completion_probabilities":[{"id":\#(forced),"logprob":\#(number),"top_logprobs":["#
            + entries.joined(separator: ",") + "]}],"
        let cached = question.reuses ? question.prompt.count - 1 : 0
        return Bytes((#"{\#(isTold ? told : "")"timings":{"cache_n":\#(cached)}}"#).utf8)
    }

    private func view(
        _ output: [TokenID], _ token: TokenID
    ) async throws -> (number: Double, top: [(token: TokenID, number: Double)]) {
        let score = try await engine.score(
            ScoreRequest(prompt: prompt, output: output + [token], sampling: .plain, seed: ItemSeed(.zero)))
        let position = score.positions[output.count]
        let total = Double(position.logit) - position.logProbabilities.taken
        return (
            position.logProbabilities.taken, position.candidates.map { ($0.token, Double($0.logit) - total) }
        )
    }

    private static func read<Body: Decodable>(_ type: Body.Type, _ request: Request) async throws -> Body {
        try JSONDecoder().decode(type, from: Data(Bytes(buffer: try await request.body.collect(upTo: 1 << 20))))
    }

    private static func run(
        _ router: Router<EdgeContext>, _ body: @escaping @Sendable (String) async throws -> Void
    ) async throws {
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let (ports, bound) = AsyncStream<Int>.makeStream()
        let server = EdgeServer(address: EdgeServer.Address(port: 0), router: router, logger: quiet)
        let group = ServiceGroup(
            services: [ServedEdge(server: server, onReady: { bound.yield($0) })], logger: quiet)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask {
                for await port in ports {
                    do { try await body("http://127.0.0.1:\(port)") } catch {
                        await group.triggerGracefulShutdown()
                        throw error
                    }
                    return await group.triggerGracefulShutdown()
                }
            }
            try await tasks.waitForAll()
        }
    }
}

private struct ServedEdge: Service {
    let server: EdgeServer
    let onReady: @Sendable (Int) -> Void

    func run() async throws { try await server.run(onReady: { onReady($0) }) }
}

/// The scripted engine's vocabulary, as a file would have it.
struct ScriptedVocabulary: ModelVocabulary {
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
