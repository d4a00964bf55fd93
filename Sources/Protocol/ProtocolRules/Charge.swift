import Primitives
import WireFormat

/// What a model's tokens cost, in millionths of one ngonka per 1 000 tokens: 1 000 000 is one ngonka per 1 000 tokens.
///
/// The fixed point lets a price below one ngonka per 1 000 tokens exist and still move by a fraction of a per cent.
public struct TokenPrices: Hashable, Sendable {
    /// Units of a price in one ngonka per 1 000 tokens.
    public static let scale: UInt64 = 1_000_000

    /// Prompt tokens that had to be computed.
    public let input: UInt64
    /// Prompt tokens that the engine had from an earlier request.
    public let cachedInput: UInt64
    /// Generated tokens.
    public let output: UInt64

    public init(input: UInt64, cachedInput: UInt64, output: UInt64) {
        self.input = input
        self.cachedInput = cachedInput
        self.output = output
    }
}

/// How many tokens an item used.
public struct TokenUsage: Hashable, Sendable {
    /// All prompt tokens, the cached ones included.
    public let prompt: UInt64
    public let cached: UInt64
    public let output: UInt64

    public init(prompt: UInt64, cached: UInt64, output: UInt64) {
        self.prompt = prompt
        self.cached = cached
        self.output = output
    }
}

/// What a request can cost at most, and what a finished item costs. Executor, gateway, auditor and ledger agree on both
/// to the last ngonka.
public enum Charge {
    /// Tokens that a chat template may put around one message.
    public static let tokensPerMessage: UInt64 = 16
    /// Tokens that a chat template may put around the whole.
    public static let tokensPerRequest: UInt64 = 64

    /// The most that one answer can cost, known before anything is computed:
    /// ⌈(input price · (bytes + 16 · messages + 64) + output price · maxTokens) ÷ 10⁹⌉.
    ///
    /// - Parameters:
    ///   - textBytes: UTF-8 bytes of all texts of the request, as no token is shorter than a byte.
    ///   - messages: how many messages the request holds.
    ///   - maxTokens: output tokens that the request allows.
    /// - Throws: `.overflow` where the amount needs more than 64 bits.
    public static func maximum(
        _ prices: TokenPrices, textBytes: UInt64, messages: UInt64, maxTokens: UInt64
    ) throws(ArithmeticError) -> Amount {
        let template = try messages.multiplied(by: tokensPerMessage).adding(tokensPerRequest)
        let input = try textBytes.adding(template)
        return try amount([(prices.input, input), (prices.output, maxTokens)])
    }

    /// What a finished item costs: each kind of token at its price, rounded up once, and never more than `maximum`.
    ///
    /// The maximum binds whatever a tokenizer or a template does: some spell one character with more tokens than bytes.
    ///
    /// - Throws: `.underflow` where more prompt tokens are cached than there are.
    public static func fee(
        _ prices: TokenPrices, usage: TokenUsage, maximum: Amount
    ) throws(ArithmeticError) -> Amount {
        let computed = try usage.prompt.subtracting(usage.cached)
        let parts = [
            (prices.input, computed), (prices.cachedInput, usage.cached), (prices.output, usage.output),
        ]
        do {
            return min(try amount(parts), maximum)
        } catch .overflow {
            return maximum
        }
    }

    /// ⌈Σ price · tokens ÷ 10⁹⌉.
    private static func amount(_ parts: [(price: UInt64, tokens: UInt64)]) throws(ArithmeticError) -> Amount {
        var sum: UInt128 = 0
        for part in parts { sum = try sum.adding(UInt128(part.price) * UInt128(part.tokens)) }
        guard let ngonka = UInt64(exactly: try sum.dividedRoundingUp(by: unitsPerNgonka)) else { throw .overflow }
        return Amount(ngonka)
    }

    /// Price units times tokens in one ngonka.
    private static let unitsPerNgonka = UInt128(TokenPrices.scale) * 1_000
}

extension TokenPrices: CanonicalMessage {
    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var input: UInt64 = 0
        var cachedInput: UInt64 = 0
        var output: UInt64 = 0
        while let field = try decoder.nextField() {
            switch field {
            case 1: input = try decoder.unsigned()
            case 2: cachedInput = try decoder.unsigned()
            case 3: output = try decoder.unsigned()
            default: throw decoder.unknownField()
            }
        }
        self.init(input: input, cachedInput: cachedInput, output: output)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(input, field: 1)
        encoder.write(cachedInput, field: 2)
        encoder.write(output, field: 3)
    }
}
