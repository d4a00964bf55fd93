import EngineAPI
import EngineWire
import HTTPEdge
import Logging
import MLNode
import NIOCore
import ProtocolRules
import RemoteEngine
import ServiceLifecycle
import StubEngine

/// An ML node on a free port, with an engine of the test's.
struct NodeScene: Sendable {
    static let token = AccessToken.random()

    let port: Int
    var url: String { "http://127.0.0.1:\(port)" }

    /// The node's engine as a host has it.
    func remote(
        token: AccessToken = token, model: String? = nil, silence: TimeAmount = .seconds(15)
    ) async throws -> RemoteEngine {
        try await RemoteEngine(url: url, token: token, model: model, silence: silence)
    }

    /// Runs `body` with a connected engine, and closes it.
    func connected(
        model: String? = nil, silence: TimeAmount = .seconds(15), _ body: (RemoteEngine) async throws -> Void
    ) async throws {
        let engine = try await remote(model: model, silence: silence)
        do { try await body(engine) } catch {
            try await engine.close()
            throw error
        }
        try await engine.close()
    }

    /// Serves `engine` for as long as `body` runs.
    static func serving(
        _ engine: any Engine, port: Int = 0, keepAlive: Duration = .seconds(5),
        _ body: @escaping @Sendable (NodeScene) async throws -> Void
    ) async throws {
        try await serving([engine], port: port, keepAlive: keepAlive, body)
    }

    /// The same with several models.
    static func serving(
        _ engines: [any Engine], port: Int = 0, keepAlive: Duration = .seconds(5),
        _ body: @escaping @Sendable (NodeScene) async throws -> Void
    ) async throws {
        let (ports, bound) = AsyncStream<Int>.makeStream()
        let configuration = MLNodeConfiguration(
            listen: EdgeServer.Address(port: port), token: token, keepAlive: keepAlive)
        let service = MLNodeService(configuration, engines: engines, logger: quiet)
        let group = ServiceGroup(
            services: [RunningService { try await service.run { bound.yield($0) } }], logger: quiet)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask {
                for await port in ports {
                    do { try await body(NodeScene(port: port)) } catch {
                        await group.triggerGracefulShutdown()
                        throw error
                    }
                    return await group.triggerGracefulShutdown()
                }
            }
            try await tasks.waitForAll()
        }
    }

    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

private struct RunningService: Service {
    let work: @Sendable () async throws -> Void

    func run() async throws { try await work() }
}

/// The requests of these tests.
enum Asked {
    static let prompt: [TokenID] = Array("what is this?".utf8).map(TokenID.init)
    static let seed = ItemSeed(clientSeed: 7, promptDigest: TokenDigest.digest(of: prompt), choice: 0)

    static func generate(tokens: Int = 12, sampling: SamplingParameters = .plain) -> GenerateRequest {
        GenerateRequest(
            prompt: prompt, sampling: sampling, seed: seed, maximumTokens: tokens,
            turn: EngineTurn(.background, client: 3))
    }

    static func score(_ output: [TokenID]) -> ScoreRequest {
        ScoreRequest(prompt: prompt, output: output, sampling: .plain, seed: seed, turn: EngineTurn(.audit))
    }

    static func tokens(_ request: GenerateRequest, of engine: any Engine) async throws -> [GeneratedToken] {
        try await engine.generate(request).reduce(into: []) { $0.append($1) }
    }
}
