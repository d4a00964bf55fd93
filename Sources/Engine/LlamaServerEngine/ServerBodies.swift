import ProtocolRules

/// What a server says of itself (`GET /props`).
struct ServerProperties: Decodable, Sendable {
    struct Settings: Decodable, Sendable {
        let contextTokens: Int

        private enum CodingKeys: String, CodingKey { case contextTokens = "n_ctx" }
    }

    let settings: Settings
    let slotCount: Int

    private enum CodingKeys: String, CodingKey {
        case settings = "default_generation_settings"
        case slotCount = "total_slots"
    }
}

/// What it says of its model (`GET /v1/models`).
struct ServerModels: Decodable, Sendable {
    struct Model: Decodable, Sendable {
        struct Meta: Decodable, Sendable {
            let vocabularySize: Int

            private enum CodingKeys: String, CodingKey { case vocabularySize = "n_vocab" }
        }

        let meta: Meta
    }

    let data: [Model]
}

/// Plain text whose tokens are asked for (`POST /tokenize`).
struct ServerText: Encodable, Sendable {
    let content: String
    let specials = false
    let parsesSpecials = false

    private enum CodingKeys: String, CodingKey {
        case content
        case specials = "add_special"
        case parsesSpecials = "parse_special"
    }
}

struct ServerTokens: Decodable, Sendable {
    let tokens: [TokenID]
}

/// One position: the model's view of what follows `prompt` (`POST /completion`).
///
/// The server is made to take `forced`, since it tells the log-probability of the token that it takes, wherever that stands, and
/// of the most probable ones; all of them from the raw logits. Which token the answer has is decided on this side.
struct PositionQuestion: Encodable, Sendable {
    let prompt: [TokenID]
    let forced: TokenID
    let count: Int
    let slot: Int
    /// Whether the server may go on from what the slot read last.
    let reuses: Bool

    private enum CodingKeys: String, CodingKey {
        case prompt, temperature, samplers, stream
        case bias = "logit_bias"
        case count = "n_probs"
        case slot = "id_slot"
        case reuses = "cache_prompt"
        case limit = "n_predict"
        case topK = "top_k"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(prompt, forKey: .prompt)
        try container.encode([[Double(forced), Self.biasOfForced]], forKey: .bias)
        try container.encode(count, forKey: .count)
        try container.encode(slot, forKey: .slot)
        try container.encode(reuses, forKey: .reuses)
        try container.encode(1, forKey: .limit)
        try container.encode(0, forKey: .temperature)
        try container.encode(1, forKey: .topK)
        try container.encode(["top_k", "temperature"], forKey: .samplers)
        try container.encode(false, forKey: .stream)
    }

    /// Far above any logit.
    private static let biasOfForced = 10_000.0
}

/// The answer to a `PositionQuestion`.
struct PositionAnswer: Decodable, Sendable {
    struct Position: Decodable, Sendable {
        let id: TokenID
        /// Missing for −∞.
        let logProbability: Double?
        let top: [Entry]

        private enum CodingKeys: String, CodingKey {
            case id
            case logProbability = "logprob"
            case top = "top_logprobs"
        }
    }

    struct Entry: Decodable, Sendable {
        let id: TokenID
        let logProbability: Double?

        private enum CodingKeys: String, CodingKey {
            case id
            case logProbability = "logprob"
        }
    }

    struct Timings: Decodable, Sendable {
        let cachedTokens: Int

        private enum CodingKeys: String, CodingKey { case cachedTokens = "cache_n" }
    }

    /// Missing for a token that ends in the middle of a character.
    let positions: [Position]?
    let timings: Timings

    private enum CodingKeys: String, CodingKey {
        case positions = "completion_probabilities"
        case timings
    }
}

/// Why a server does not answer.
struct ServerRefusal: Decodable, Sendable {
    struct Content: Decodable, Sendable {
        let message: String
    }

    let error: Content
}
