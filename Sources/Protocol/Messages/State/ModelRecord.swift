import Primitives
import ProtocolRules
import WireFormat

/// A model that the network serves. Everything up to `contextTokens` never changes: another file is another id.
public struct ModelRecord: CanonicalMessage, Equatable {
    /// 1 to 128 visible ASCII characters, for example `smollm2-135m-instruct-f16`.
    public var id: String
    /// SHA-256 of the weights' file.
    public var fileHash: Hash32
    /// The type of the key-value cache, `f16`: a quantised one is another model in effect.
    public var cacheType: String
    /// The name of a built-in chat template, `chatml`.
    public var chatTemplate: String
    /// The count of logits.
    public var vocabulary: UInt64
    /// Prompt and output tokens together, at most.
    public var contextTokens: UInt64
    /// Weight per audited token, parts per million of the network's scale.
    public var coefficientPartsPerMillion: UInt64
    public var prices: TokenPrices
    public var thresholds: ModelThresholds
    public var state: ModelState
    /// What sprints make prompts of; none keeps the model out of them.
    public var ordinaryTokens: TokenRanges
    /// Its weight counts without a cap: genesis models, and those that governance marks so.
    public var isAnchored: Bool
    /// Not calibrated on the hardware that serves it: mismatches are noted, nobody is punished.
    public var isObserved: Bool

    public init(
        id: String, fileHash: Hash32, vocabulary: UInt64, contextTokens: UInt64, coefficientPartsPerMillion: UInt64,
        prices: TokenPrices, thresholds: ModelThresholds, cacheType: String = "f16", chatTemplate: String = "chatml",
        state: ModelState = .active, ordinaryTokens: TokenRanges = .none, isAnchored: Bool = true,
        isObserved: Bool = false
    ) {
        self.id = id
        self.fileHash = fileHash
        self.cacheType = cacheType
        self.chatTemplate = chatTemplate
        self.vocabulary = vocabulary
        self.contextTokens = contextTokens
        self.coefficientPartsPerMillion = coefficientPartsPerMillion
        self.prices = prices
        self.thresholds = thresholds
        self.state = state
        self.ordinaryTokens = ordinaryTokens
        self.isAnchored = isAnchored
        self.isObserved = isObserved
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var fileHash: Hash32?
        var prices: TokenPrices?
        var thresholds: ModelThresholds?
        var state: ModelState?
        var ordinary: [UInt64] = []
        (isAnchored, isObserved) = (false, false)
        (id, cacheType, chatTemplate, vocabulary, contextTokens, coefficientPartsPerMillion) = ("", "", "", 0, 0, 0)
        while let field = try decoder.nextField() {
            switch field {
            case 1: id = try decoder.identifier()
            case 2: fileHash = try decoder.hash()
            case 3: cacheType = try decoder.identifier()
            case 4: chatTemplate = try decoder.identifier()
            case 5: vocabulary = try decoder.unsigned()
            case 6: contextTokens = try decoder.unsigned()
            case 7: coefficientPartsPerMillion = try decoder.unsigned()
            case 8: prices = try decoder.message(TokenPrices.self)
            case 9: thresholds = try decoder.message(ModelThresholds.self)
            case 10:
                state = ModelState(rawValue: try decoder.unsigned())
                if state == nil { throw decoder.invalidValue() }
            case 11: ordinary = try decoder.packed()
            case 12: isAnchored = try decoder.boolean()
            case 13: isObserved = try decoder.boolean()
            default: throw decoder.unknownField()
            }
        }
        guard let ranges = TokenRanges(bounds: ordinary) else { throw .invalidValue(number: 11) }
        ordinaryTokens = ranges
        self.fileHash = try required(fileHash, field: 2)
        self.prices = try required(prices, field: 8)
        self.thresholds = try required(thresholds, field: 9)
        self.state = try required(state, field: 10)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(id, field: 1)
        encoder.write(fileHash, field: 2)
        encoder.write(cacheType, field: 3)
        encoder.write(chatTemplate, field: 4)
        encoder.write(vocabulary, field: 5)
        encoder.write(contextTokens, field: 6)
        encoder.write(coefficientPartsPerMillion, field: 7)
        encoder.write(prices, field: 8)
        encoder.write(thresholds, field: 9)
        encoder.write(state.rawValue, field: 10)
        encoder.write(packed: ordinaryTokens.bounds, field: 11)
        encoder.write(isAnchored, field: 12)
        encoder.write(isObserved, field: 13)
    }
}

/// Whether sessions may be opened for a model.
public enum ModelState: UInt64, Sendable {
    case active = 1
    /// No new sessions; open ones run out.
    case retired = 2

    public var name: String {
        switch self {
        case .active: "active"
        case .retired: "retired"
        }
    }
}

/// An active host that lists a model, with its weight for it: in force until a sprint proves another.
public struct WeightRecord: CanonicalMessage, Equatable {
    public var host: Address
    /// 0 where nothing was proven yet.
    public var weight: UInt64

    public init(host: Address, weight: UInt64) {
        self.host = host
        self.weight = weight
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var host: Address?
        weight = 0
        while let field = try decoder.nextField() {
            switch field {
            case 1: host = try decoder.address()
            case 2: weight = try decoder.unsigned()
            default: throw decoder.unknownField()
            }
        }
        self.host = try required(host, field: 1)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(host, field: 1)
        encoder.write(weight, field: 2)
    }
}
