import EngineAPI
import Primitives
import ProtocolRules

/// A model that a plain llama-server computes, with all that this network asks of an engine.
///
/// The server is asked one position at a time for the model's most probable tokens and for the one that the seed designates;
/// sampling is ours. So its tokens are bound to the seed, its log-probabilities make fingerprints, and tokens that somebody else
/// chose can be scored, at the price of a request for each token. What the tokens are is read from the model's file on this side:
/// no message becomes a control token, and no template of the server's is used.
public final class LlamaServerEngine: Engine {
    public let capabilities: EngineCapabilities
    private let connection: ServerConnection
    private let vocabulary: any ModelVocabulary
    private let slots: ServerSlots
    private let plainToken: TokenID

    /// Asks the server what it runs, and whether it reads text as the vocabulary does.
    ///
    /// - Parameters:
    ///   - url: for example `http://127.0.0.1:8080`; with slots and `/props`, as servers have by default, and no key.
    ///   - model: the model's id in the ledger's record.
    ///   - vocabulary: of the file that the server runs.
    /// - Throws: `.unreachable`, after which trying again may help; `.unusableModel` for a server that runs another model.
    public init(
        url: String, model: String, vocabulary: any ModelVocabulary
    ) async throws(EngineError) {
        let connection = try ServerConnection(url: url)
        do throws(EngineError) {
            capabilities = try await Self.capabilities(connection, model, vocabulary)
        } catch {
            try? await connection.close()
            throw error
        }
        self.connection = connection
        self.vocabulary = vocabulary
        slots = ServerSlots(count: capabilities.parallelSequences)
        plainToken = (0..<vocabulary.size).first { vocabulary.bytes(of: $0) == [UInt8(ascii: "a")] } ?? 0
    }

    /// Closes the connections; call it when no request is open.
    public func close() async throws { try await connection.close() }

    private static func capabilities(
        _ connection: ServerConnection, _ model: String, _ vocabulary: any ModelVocabulary
    ) async throws(EngineError) -> EngineCapabilities {
        func wrong(_ reason: String) -> EngineError { .unusableModel(path: connection.url, reason: reason) }
        let properties = try await connection.get("props", ServerProperties.self)
        let size = try await connection.get("v1/models", ServerModels.self).data.first?.meta.vocabularySize
        guard size == Int(vocabulary.size) else {
            throw wrong("its model has \(size ?? 0) logits, and the file \(vocabulary.size)")
        }
        guard properties.settings.contextTokens > 1, properties.slotCount > 0 else { throw wrong("it has no slots") }
        let own = try vocabulary.tokenize(probe, contextTokens: .max)
        let its = try await connection.post("tokenize", ServerText(content: probe), ServerTokens.self).tokens
        guard own.suffix(its.count) == its[...] else { throw wrong("it reads text in other tokens than the file says") }
        return EngineCapabilities(
            model: model, fileHash: vocabulary.fileHash, vocabularySize: vocabulary.size,
            contextTokens: properties.settings.contextTokens,
            parallelSequences: min(properties.slotCount, Limits.slotsMax), bindsTokensToSeed: true,
            endTokens: vocabulary.endTokens)
    }

    private static let probe = "Grüße, 1984 <|im_end|> 😀!"

    public func render(_ messages: [ChatMessage]) async throws(EngineError) -> [TokenID] {
        try vocabulary.render(messages, contextTokens: capabilities.contextTokens)
    }

    public func tokenize(_ text: String) async throws(EngineError) -> [TokenID] {
        try vocabulary.tokenize(text, contextTokens: capabilities.contextTokens)
    }

    public func bytes(of token: TokenID) -> Bytes { vocabulary.bytes(of: token) }

    /// A server's pooling is its operator's choice, so its embeddings are not the model's.
    public func embed(_ tokens: [TokenID]) async throws(EngineError) -> [Float] {
        throw .unsupported(field: "embedding")
    }

    public func generate(_ request: GenerateRequest) -> AsyncThrowingStream<GeneratedToken, any Error> {
        AsyncThrowingStream { continuation in
            let work = Task {
                do throws(EngineError) {
                    try await run(request) { continuation.yield($0) }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { reason in if case .cancelled = reason { work.cancel() } }
        }
    }

    private func run(_ request: GenerateRequest, yield: (GeneratedToken) -> Void) async throws(EngineError) {
        try check(prompt: request.prompt, output: request.begun, leastRoom: 1)
        let room = min(request.maximumTokens, capabilities.contextTokens - request.prompt.count)
        guard room > request.begun.count else { throw .unsupported(field: "maximumTokens") }
        guard 0...GenerateRequest.topLogProbabilitiesMax ~= request.topLogProbabilities else {
            throw .unsupported(field: "topLogProbabilities")
        }
        guard request.constraints == .none else { throw .unsupported(field: "constraints") }
        try await onSlot(request.cacheScope, request.turn.priority) { reader, isOfScope throws(EngineError) in
            let walk = try ServerWalk(reader, sampling: request.sampling, seed: request.seed, size: vocabulary.size)
            try await walk.generate(request, room: room, endTokens: endTokens(request), isOfScope, bytes(of:), yield)
        }
    }

    private func endTokens(_ request: GenerateRequest) -> [TokenID] {
        request.ignoresEndTokens ? [] : capabilities.endTokens
    }

    public func score(_ request: ScoreRequest) async throws(EngineError) -> ScoreResult {
        try check(prompt: request.prompt, output: request.output, leastRoom: 0)
        guard !request.output.isEmpty else { throw .unsupported(field: "output") }
        guard request.constraints == .none else { throw .unsupported(field: "constraints") }
        return try await onSlot(nil, request.turn.priority) { reader, _ throws(EngineError) in
            let walk = try ServerWalk(reader, sampling: request.sampling, seed: request.seed, size: vocabulary.size)
            return try await walk.score(request)
        }
    }

    private func onSlot<Value: Sendable>(
        _ scope: Hash32?, _ priority: EnginePriority,
        _ work: (PositionReader, _ isOfScope: Bool) async throws(EngineError) -> Value
    ) async throws(EngineError) -> Value {
        let lease = try await slots.take(scope, priority)
        let reader = PositionReader(
            connection, vocabulary: vocabulary, slot: lease.index, plainToken: plainToken)
        do throws(EngineError) {
            let value = try await work(reader, lease.isOfScope)
            await slots.giveBack(lease)
            return value
        } catch {
            await slots.giveBack(lease)
            throw error
        }
    }

    private func check(prompt: [TokenID], output: [TokenID], leastRoom: Int) throws(EngineError) {
        if prompt.isEmpty { throw .unsupported(field: "prompt") }
        let length = prompt.count + output.count
        if length + leastRoom > capabilities.contextTokens {
            throw .promptTooLong(tokens: length, limit: capabilities.contextTokens)
        }
        if prompt.contains(where: { $0 >= capabilities.vocabularySize }) { throw .unsupported(field: "prompt") }
        if output.contains(where: { $0 >= capabilities.vocabularySize }) { throw .unsupported(field: "output") }
    }
}
