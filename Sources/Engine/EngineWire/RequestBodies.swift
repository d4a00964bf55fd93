import EngineAPI
import Primitives
import ProtocolRules

/// A conversation whose prompt is asked for.
public struct RenderBody: Codable, Sendable {
    struct Message: Codable, Sendable {
        let role: String
        let content: String
    }

    /// The model's id; missing for the node's first.
    public let model: String?
    let messages: [Message]

    public init(_ messages: [ChatMessage], model: String? = nil) {
        self.model = model
        self.messages = messages.map { Message(role: $0.role.rawValue, content: $0.content) }
    }

    /// - Throws: `EngineError.unsupported` for a role that no template has, or too many messages.
    public func conversation() throws(EngineError) -> [ChatMessage] {
        guard messages.count <= Limits.messagesMax else { throw .unsupported(field: "messages") }
        var conversation: [ChatMessage] = []
        for message in messages {
            guard let role = ChatRole(rawValue: message.role) else { throw .unsupported(field: "role") }
            conversation.append(ChatMessage(role: role, content: message.content))
        }
        return conversation
    }
}

/// Plain text whose tokens are asked for.
public struct TokenizeBody: Codable, Sendable {
    /// The model's id; missing for the node's first.
    public let model: String?
    public let text: String

    public init(_ text: String, model: String? = nil) { (self.text, self.model) = (text, model) }
}

/// A prompt.
public struct RenderedBody: Codable, Sendable {
    public let tokens: [TokenID]

    public init(_ tokens: [TokenID]) { self.tokens = tokens }
}

/// How tokens are chosen: `SamplingParameters`, in millionths but for `top_k`.
struct SamplingBody: Codable, Sendable {
    let temperature: UInt32
    let topP: UInt32
    let minP: UInt32
    let topK: UInt32
    let presencePenalty: Int32
    let frequencyPenalty: Int32

    private enum CodingKeys: String, CodingKey {
        case temperature
        case topP = "top_p"
        case minP = "min_p"
        case topK = "top_k"
        case presencePenalty = "presence_penalty"
        case frequencyPenalty = "frequency_penalty"
    }

    init(_ sampling: SamplingParameters) {
        (temperature, topP, minP, topK) = (sampling.temperature, sampling.topP, sampling.minP, sampling.topK)
        (presencePenalty, frequencyPenalty) = (sampling.presencePenalty, sampling.frequencyPenalty)
    }

    func parameters() throws(EngineError) -> SamplingParameters {
        do {
            return try SamplingParameters(
                temperature: temperature, topP: topP, minP: minP, topK: topK, presencePenalty: presencePenalty,
                frequencyPenalty: frequencyPenalty)
        } catch {
            throw .unsupported(field: "\(error)")
        }
    }
}

/// Whose request it is, and of what: what `generate` and `score` have in common.
struct TurnBody: Codable, Sendable {
    /// `user`, `audit` or `background`.
    let priority: String
    let client: UInt32

    init(_ turn: EngineTurn) { (priority, client) = (turn.priority.word, turn.client) }

    func turn() throws(EngineError) -> EngineTurn {
        guard let priority = EnginePriority(word: priority) else { throw .unsupported(field: "priority") }
        return EngineTurn(priority, client: client)
    }
}

extension EnginePriority {
    fileprivate var word: String {
        switch self {
        case .user: "user"
        case .audit: "audit"
        case .background: "background"
        }
    }

    fileprivate init?(word: String) {
        switch word {
        case "user": self = .user
        case "audit": self = .audit
        case "background": self = .background
        default: return nil
        }
    }
}

extension ItemSeed {
    /// From 64 hex digits.
    fileprivate init(hex: String) throws(EngineError) {
        guard let hash = Hex.decode(hex).flatMap({ Hash32($0) }) else { throw .unsupported(field: "seed") }
        self.init(hash)
    }
}

/// `GenerateRequest`, for the model file that the asker means.
public struct GenerateBody: Codable, Sendable {
    /// The model's id; missing for the node's first.
    public let model: String?
    /// 64 hex digits; a node that runs another file refuses.
    public let fileHash: String
    let prompt: [TokenID]
    let sampling: SamplingBody
    let seed: String
    let maximumTokens: Int
    let begun: [TokenID]
    let ignoresEndTokens: Bool
    let topLogProbabilities: Int
    /// 64 hex digits; missing for nobody's.
    let cacheScope: String?
    let constraints: ConstraintsBody?
    let turn: TurnBody

    private enum CodingKeys: String, CodingKey {
        case fileHash = "file_hash"
        case model, prompt, sampling, seed, begun, constraints, turn
        case maximumTokens = "maximum_tokens"
        case ignoresEndTokens = "ignores_end_tokens"
        case topLogProbabilities = "top_log_probabilities"
        case cacheScope = "cache_scope"
    }

    public init(_ request: GenerateRequest, fileHash: Hash32, model: String? = nil) {
        self.model = model
        self.fileHash = "\(fileHash)"
        prompt = request.prompt
        sampling = SamplingBody(request.sampling)
        seed = "\(request.seed.hash)"
        maximumTokens = request.maximumTokens
        begun = request.begun
        ignoresEndTokens = request.ignoresEndTokens
        topLogProbabilities = request.topLogProbabilities
        cacheScope = request.cacheScope.map { "\($0)" }
        constraints = ConstraintsBody(request.constraints)
        turn = TurnBody(request.turn)
    }

    public func request() throws(EngineError) -> GenerateRequest {
        guard 0...GenerateRequest.topLogProbabilitiesMax ~= topLogProbabilities else {
            throw .unsupported(field: "top_log_probabilities")
        }
        return GenerateRequest(
            prompt: prompt, sampling: try sampling.parameters(), seed: try ItemSeed(hex: seed),
            maximumTokens: maximumTokens, begun: begun, ignoresEndTokens: ignoresEndTokens,
            constraints: try constraints?.constraints() ?? .none,
            topLogProbabilities: topLogProbabilities, cacheScope: try scope(), turn: try turn.turn())
    }
}

extension GenerateBody {
    private func scope() throws(EngineError) -> Hash32? {
        guard let cacheScope else { return nil }
        guard let scope = Hex.decode(cacheScope).flatMap({ Hash32($0) }) else {
            throw .unsupported(field: "cache_scope")
        }
        return scope
    }
}

/// `ScoreRequest`, for the model file that the asker means.
public struct ScoreBody: Codable, Sendable {
    /// The model's id; missing for the node's first.
    public let model: String?
    /// 64 hex digits; a node that runs another file refuses.
    public let fileHash: String
    let prompt: [TokenID]
    let output: [TokenID]
    let sampling: SamplingBody
    let seed: String
    let constraints: ConstraintsBody?
    let turn: TurnBody

    private enum CodingKeys: String, CodingKey {
        case fileHash = "file_hash"
        case model, prompt, output, sampling, seed, constraints, turn
    }

    public init(_ request: ScoreRequest, fileHash: Hash32, model: String? = nil) {
        self.model = model
        self.fileHash = "\(fileHash)"
        prompt = request.prompt
        output = request.output
        sampling = SamplingBody(request.sampling)
        seed = "\(request.seed.hash)"
        constraints = ConstraintsBody(request.constraints)
        turn = TurnBody(request.turn)
    }

    public func request() throws(EngineError) -> ScoreRequest {
        ScoreRequest(
            prompt: prompt, output: output, sampling: try sampling.parameters(), seed: try ItemSeed(hex: seed),
            constraints: try constraints?.constraints() ?? .none, turn: try turn.turn())
    }
}
