import Messages
import Primitives
import ProtocolRules

/// The model that `make setup` prepares: SmolLM2-135M-Instruct (Apache-2.0), the 4-bit release widened to F16.
enum DemoModel {
    static let id = "smollm2-135m-instruct-f16"
    static let fileName = "SmolLM2-135M-Instruct-F16.gguf"
    static let fileHash = "a269e3181fcbb25046f99f64ba8d3c159165b211c2ff4ffca7ba1bb219d2ccd0"
    /// Logits.
    static let vocabulary: UInt64 = 49_152
    /// Prompt and output together, as the devnet's hosts run it.
    static let contextTokens: UInt64 = 2_048

    /// All but the seventeen control tokens in front.
    private static let ordinaryTokens = TokenRanges(bounds: [17, vocabulary - 1]) ?? .none

    /// What the file of `model` must have where that is this model; nil for another, whose record this program does not know.
    static func hash(of model: String) throws -> Hash32? { model == id ? try record().fileHash : nil }

    /// The ledger's record in a devnet. Prices: 1, 0.5 and 4 million ngonka per 1,000 tokens.
    static func record() throws -> ModelRecord {
        guard let hash = Hex.decode(fileHash).flatMap({ Hash32($0) }) else {
            throw OperatorError("the demo model's hash is not 32 bytes")
        }
        return ModelRecord(
            id: id, fileHash: hash, vocabulary: vocabulary, contextTokens: contextTokens,
            coefficientPartsPerMillion: 1_000_000,
            prices: TokenPrices(
                input: 1_000_000 * TokenPrices.scale, cachedInput: 500_000 * TokenPrices.scale,
                output: 4_000_000 * TokenPrices.scale),
            thresholds: .smolLM2, ordinaryTokens: ordinaryTokens)
    }
}
