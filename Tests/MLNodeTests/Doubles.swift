import Cryptography
import EngineAPI
import NIOCore
import NIOPosix
import Primitives
import ProtocolRules
import RemoteEngine
import StubEngine
import Synchronization

extension Hash32 {
    static func sha256Of(_ text: String) -> Hash32 { .sha256(Bytes(text.utf8)) }
}

enum Hash32Of {
    static let first = Hash32.sha256Of("first")
    static let second = Hash32.sha256Of("second")
}

/// A port that nobody listens on.
enum FreePort {
    static func next() throws -> Int {
        let channel = try ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0).wait()
        let port = channel.localAddress?.port ?? 0
        try channel.close().wait()
        return port
    }
}

/// Somewhere to wait until somebody opens it, or the waiting task is cancelled.
actor Gate {
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

/// Carries a connected engine out of a closure.
final class RemoteHolder: Sendable {
    private let held = Mutex<RemoteEngine?>(nil)

    var engine: RemoteEngine? {
        get { held.withLock { $0 } }
        set { held.withLock { $0 = newValue } }
    }
}

/// Remembers what it was asked for last.
final class RequestRecorder: Engine {
    private let base = ScriptedEngine()
    private let last = Mutex<GenerateRequest?>(nil)

    var generated: GenerateRequest? { last.withLock { $0 } }
    var capabilities: EngineCapabilities { base.capabilities }

    func render(_ messages: [ChatMessage]) async throws(EngineError) -> [TokenID] { try base.render(messages) }

    func tokenize(_ text: String) async throws(EngineError) -> [TokenID] { try base.tokenize(text) }

    func bytes(of token: TokenID) -> Bytes { base.bytes(of: token) }

    func generate(_ request: GenerateRequest) -> AsyncThrowingStream<GeneratedToken, any Error> {
        last.withLock { $0 = request }
        return base.generate(request)
    }

    func embed(_ tokens: [TokenID]) async throws(EngineError) -> [Float] { try await base.embed(tokens) }

    func score(_ request: ScoreRequest) async throws(EngineError) -> ScoreResult { try await base.score(request) }
}

/// A stub whose answers somebody changes on their way.
struct AlteredEngine: Engine {
    var base = ScriptedEngine(parallelSequences: 4)
    var alteredCapabilities: EngineCapabilities?
    var render: @Sendable ([TokenID]) -> [TokenID] = { $0 }
    var request: @Sendable (GenerateRequest) -> GenerateRequest = { $0 }
    var token: @Sendable (GeneratedToken) -> GeneratedToken? = { $0 }
    var score: @Sendable (ScoreResult, ScoreRequest) -> ScoreResult = { result, _ in result }
    var embedding: @Sendable ([Float]) -> [Float] = { $0 }

    var capabilities: EngineCapabilities { alteredCapabilities ?? base.capabilities }

    func render(_ messages: [ChatMessage]) async throws(EngineError) -> [TokenID] { render(try base.render(messages)) }

    func tokenize(_ text: String) async throws(EngineError) -> [TokenID] { render(try base.tokenize(text)) }

    func bytes(of token: TokenID) -> Bytes { base.bytes(of: token) }

    func generate(_ request: GenerateRequest) -> AsyncThrowingStream<GeneratedToken, any Error> {
        let stream = base.generate(self.request(request))
        let token = token
        return AsyncThrowingStream { continuation in
            let task = Task {
                do {
                    for try await each in stream { if let given = token(each) { continuation.yield(given) } }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    func embed(_ tokens: [TokenID]) async throws(EngineError) -> [Float] { embedding(try await base.embed(tokens)) }

    func score(_ request: ScoreRequest) async throws(EngineError) -> ScoreResult {
        score(try await base.score(request), request)
    }
}
