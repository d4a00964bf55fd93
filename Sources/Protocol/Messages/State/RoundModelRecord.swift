import Primitives
import ProtocolRules
import WireFormat

/// A model in one round: what was frozen at the opening, and what all hosts claimed.
public struct RoundModelRecord: CanonicalMessage, Equatable {
    public var model: String
    /// Weight per audited token.
    public var coefficientPartsPerMillion: UInt64
    public var thresholds: ModelThresholds
    /// Mismatches are noted, nobody is punished.
    public var isObserved: Bool
    /// Sum over the round's entries; stays at 2⁶⁴ − 1 where it would be more.
    public var fee: Amount
    /// The same of output tokens.
    public var tokens: UInt64
    /// Synthetic work of fewer tokens is not audited and proves nothing.
    public var dustTokens: UInt64

    public init(
        model: String, coefficientPartsPerMillion: UInt64, thresholds: ModelThresholds, isObserved: Bool, fee: Amount,
        tokens: UInt64, dustTokens: UInt64
    ) {
        self.model = model
        self.coefficientPartsPerMillion = coefficientPartsPerMillion
        self.thresholds = thresholds
        self.isObserved = isObserved
        self.fee = fee
        self.tokens = tokens
        self.dustTokens = dustTokens
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var thresholds: ModelThresholds?
        (model, coefficientPartsPerMillion, isObserved, fee, tokens, dustTokens) = ("", 0, false, .zero, 0, 0)
        while let field = try decoder.nextField() {
            switch field {
            case 1: model = try decoder.identifier()
            case 2: coefficientPartsPerMillion = try decoder.unsigned()
            case 3: thresholds = try decoder.message(ModelThresholds.self)
            case 4: isObserved = try decoder.boolean()
            case 5: fee = Amount(try decoder.unsigned())
            case 6: tokens = try decoder.unsigned()
            case 7: dustTokens = try decoder.unsigned()
            default: throw decoder.unknownField()
            }
        }
        self.thresholds = try required(thresholds, field: 3)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(model, field: 1)
        encoder.write(coefficientPartsPerMillion, field: 2)
        encoder.write(thresholds, field: 3)
        encoder.write(isObserved, field: 4)
        encoder.write(fee.ngonka, field: 5)
        encoder.write(tokens, field: 6)
        encoder.write(dustTokens, field: 7)
    }
}
