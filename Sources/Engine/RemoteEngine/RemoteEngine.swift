import EngineAPI
import EngineWire
import NIOCore
import Primitives
import ProtocolRules
import Synchronization

/// An engine on another machine, behind an ML node's HTTP interface (`EngineWire`).
///
/// It may go and come back: what it cannot do meanwhile fails with `.unreachable`, at once while it is left alone for a moment
/// after a failure. What it runs must stay the same; a node that came back with another model file is refused each request.
public final class RemoteEngine: Engine {
    public let capabilities: EngineCapabilities
    private let pieces: [Bytes]
    private let longestPiece: Int
    private let node: NodeConnection
    /// What requests say which model they mean by; nil for a node that has only one.
    private let model: String?

    /// Asks the node what it runs, and for its vocabulary.
    ///
    /// - Parameters:
    ///   - url: for example `http://10.0.0.7:8100`.
    ///   - model: which of the node's models; nil for its first.
    ///   - silence: how long the node may write nothing in the middle of an answer.
    /// - Throws: `.unreachable`, after which trying again may help; `.unusableModel` for a wrong URL or token, and for an
    ///   interface that this program does not know, or a list of models without this one.
    public convenience init(
        url: String, token: AccessToken, model: String? = nil,
        silence: TimeAmount = .seconds(Int64(EngineWire.silenceSecondsMax))
    ) async throws(EngineError) {
        try await self.init(url: url, token: token, model: model, silence: silence, backOff: BackOff())
    }

    /// - Parameter backOff: how long a silent node is left alone; another one for tests.
    convenience init(
        url: String, token: AccessToken, model: String? = nil, silence: TimeAmount, backOff: BackOff
    ) async throws(EngineError) {
        let node = try NodeConnection(url: url, token: token, silence: silence, backOff: backOff)
        do throws(EngineError) {
            try await self.init(node, model)
        } catch {
            try? await node.close()
            throw error
        }
    }

    private init(_ node: NodeConnection, _ model: String?) async throws(EngineError) {
        let body = try await Self.ask(CapabilitiesBody.self, EngineWire.Path.capabilities, of: node)
        do throws(EngineError) { capabilities = try body.capabilities(of: model) } catch {
            throw .unusableModel(path: node.url, reason: "\(error)")
        }
        self.model = body.listsModels ? capabilities.model : nil
        let path = try EngineWire.vocabularyPath(of: self.model)
        let vocabulary = try await Self.ask(VocabularyBody.self, path, of: node)
        do throws(EngineError) { pieces = try vocabulary.pieces(count: capabilities.vocabularySize) } catch {
            throw .unusableModel(path: node.url, reason: "\(error)")
        }
        longestPiece = pieces.reduce(1) { max($0, $1.count) }
        self.node = node
    }

    /// Connects, and tries again for as long as the node cannot be reached or the calling task is not cancelled.
    ///
    /// - Parameter onWait: called with the reason before each wait.
    public static func connecting(
        to url: String, token: AccessToken, model: String, onWait: @Sendable (EngineError) -> Void
    ) async throws -> RemoteEngine {
        var wait = BackOff.first
        while true {
            do throws(EngineError) {
                return try await RemoteEngine(url: url, token: token, model: model)
            } catch {
                guard error.isTransient else { throw error }
                onWait(error)
            }
            try await Task.sleep(for: wait)
            wait = min(wait * 2, BackOff.longest)
        }
    }

    /// The node's address.
    public var url: String { node.url }

    /// Closes the connections; call it when no request is open.
    public func close() async throws { try await node.close() }

    public func render(_ messages: [ChatMessage]) async throws(EngineError) -> [TokenID] {
        let tokens = try await prompt(
            of: RenderBody(messages, model: model), byteCount: messages.reduce(0) { $0 + $1.content.utf8.count },
            EngineWire.Path.render)
        guard !tokens.isEmpty else { throw .failed(reason: "\(node.url): a conversation without a prompt") }
        return tokens
    }

    public func tokenize(_ text: String) async throws(EngineError) -> [TokenID] {
        try await prompt(of: TokenizeBody(text, model: model), byteCount: text.utf8.count, EngineWire.Path.tokenize)
    }

    private func prompt(
        of body: some Encodable, byteCount: Int, _ path: String
    ) async throws(EngineError) -> [TokenID] {
        // No token stands for more bytes than the longest one, so this many do not fit whatever they say.
        let least = byteCount / max(1, longestPiece)
        guard least < capabilities.contextTokens else {
            throw .promptTooLong(tokens: least, limit: capabilities.contextTokens)
        }
        let request = try Self.encode(body)
        let tokens: [TokenID] = try Self.decode(RenderedBody.self, try await node.whole(path, request), node.url).tokens
        guard tokens.count < capabilities.contextTokens, tokens.allSatisfy({ $0 < capabilities.vocabularySize }) else {
            throw .failed(reason: "\(node.url): a prompt that its model cannot read")
        }
        return tokens
    }

    public func bytes(of token: TokenID) -> Bytes { Int(token) < pieces.count ? pieces[Int(token)] : [] }

    public func generate(_ request: GenerateRequest) -> AsyncThrowingStream<GeneratedToken, any Error> {
        AsyncThrowingStream { continuation in
            let work = Task {
                do throws(EngineError) {
                    try await generate(request) { continuation.yield($0) }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { reason in if case .cancelled = reason { work.cancel() } }
        }
    }

    private func generate(
        _ request: GenerateRequest, yield: @escaping @Sendable (GeneratedToken) -> Void
    ) async throws(EngineError) {
        let body = try Self.encode(GenerateBody(request, fileHash: capabilities.fileHash, model: model))
        let tail = GeneratedTail(request, capabilities: capabilities, bytes: { self.bytes(of: $0) })
        try await node.events(EngineWire.Path.generate, body) { data in
            let token = try EngineWire.decode(TokenBody.self, from: data).generated()
            try tail.take(token)
            yield(token)
        }
        guard tail.hasEnded else { throw .failed(reason: "\(node.url): an answer without an end") }
    }

    public func score(_ request: ScoreRequest) async throws(EngineError) -> ScoreResult {
        let body = try Self.encode(ScoreBody(request, fileHash: capabilities.fileHash, model: model))
        let scored = ScoredTail(output: request.output)
        try await node.events(EngineWire.Path.score, body) { data in
            try scored.take(try EngineWire.decode(PositionBody.self, from: data).position())
        }
        guard let result = scored.result else { throw .failed(reason: "\(node.url): a score of other tokens") }
        return result
    }

    public func embed(_ tokens: [TokenID]) async throws(EngineError) -> [Float] {
        let body = try Self.encode(EmbedBody(tokens, fileHash: capabilities.fileHash, model: model))
        let values = Mutex<[Float]>([])
        try await node.events(EngineWire.Path.embed, body) { data in
            let part = try EngineWire.decode(EmbeddingBody.self, from: data).values
            try values.withLock { values in
                values += part
                guard values.count <= Embedding.sizeMax else {
                    throw EngineError.failed(reason: "the ML node gives an embedding without end")
                }
            }
        }
        let embedding = values.withLock { $0 }
        guard Embedding.isNormalised(embedding) else { throw .failed(reason: "\(node.url): an embedding that is none") }
        return embedding
    }

    private static func ask<Body: Decodable>(
        _ type: Body.Type, _ path: String, of node: NodeConnection
    ) async throws(EngineError) -> Body {
        try decode(type, try await node.whole(path, nil), node.url)
    }

    private static func encode(_ body: some Encodable) throws(EngineError) -> Bytes {
        do { return try EngineWire.encode(body) } catch { throw .failed(reason: "\(error)") }
    }

    private static func decode<Body: Decodable>(
        _ type: Body.Type, _ bytes: Bytes, _ url: String
    ) throws(EngineError) -> Body {
        do { return try EngineWire.decode(type, from: bytes) } catch {
            throw .failed(reason: "\(url): an answer that cannot be read")
        }
    }
}
