import EngineAPI

/// What runs behind an answer: the model of the record, or something that costs less.
public enum ModelVariant: Hashable, Sendable {
    /// The file of the record.
    case exact
    /// Copies with weights of 8 or 4 bits.
    case q8_0, q4_1, q4_0
    /// The file without some of its layers.
    case layersCut(Int)

    public var name: String {
        switch self {
        case .exact: "the model"
        case .q8_0: "Q8_0 (8 bit)"
        case .q4_1: "Q4_1 (4 bit)"
        case .q4_0: "Q4_0 (4 bit)"
        case .layersCut(let count): "layers cut: \(count)"
        }
    }
}

/// How an honest host runs the model, as far as hosts may differ.
public struct HostShape: Hashable, Sendable {
    /// Sequences at once.
    public let sequences: Int
    public let threads: Int
    /// Whether prompts are read in pieces, between the tokens of a sequence that generates.
    public let readsInPieces: Bool

    public init(sequences: Int, threads: Int, readsInPieces: Bool = false) {
        self.sequences = sequences
        self.threads = threads
        self.readsInPieces = readsInPieces
    }

    public var name: String {
        let pieces = readsInPieces ? ", prompts in pieces" : ""
        return "\(sequences) at once, \(threads) \(threads == 1 ? "thread" : "threads")\(pieces)"
    }
}

/// An engine to open.
public struct EngineRecipe: Hashable, Sendable {
    public let model: ModelVariant
    public let sequences: Int
    public let threads: Int
    /// Prompt and output of one sequence, in tokens.
    public let contextTokens: Int

    public init(model: ModelVariant, sequences: Int, threads: Int, contextTokens: Int) {
        self.model = model
        self.sequences = sequences
        self.threads = threads
        self.contextTokens = contextTokens
    }
}

/// Where calibration gets its engines from: files and llama.cpp, or a stub.
public protocol EngineSource: Sendable {
    /// Opens an engine, hands it to `work`, and closes it however that ends.
    func use<Result: Sendable>(
        _ recipe: EngineRecipe, _ work: @Sendable (any Engine) async throws -> Result
    ) async throws -> Result
}
