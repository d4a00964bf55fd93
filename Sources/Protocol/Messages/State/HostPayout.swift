import Cryptography
import Primitives
import WireFormat

/// What one epoch came to for one host: everything between its work and its coins. share = unconfirmed + undutiful + missed +
/// withheld + convicted + paid.
public struct HostPayout: CanonicalMessage, Equatable {
    /// Of its audited sprint, after the rules of models and collateral.
    public var weight: UInt64
    /// What confirmations left of it.
    public var confirmedPartsPerMillion: UInt64
    /// In force in the epoch after.
    public var confirmedWeight: UInt64
    /// Of the emission, by weight.
    public var share: Amount
    /// Lost to confirmations.
    public var unconfirmed: Amount
    /// Lost to audits not done.
    public var undutiful: Amount
    /// Lost to requests left unanswered.
    public var missed: Amount
    /// Lost to beacon secrets not revealed.
    public var withheld: Amount
    /// Lost to a conviction.
    public var convicted: Amount
    public var paid: Amount
    /// Over how many epochs it is released; 0 for at once.
    public var vestingEpochs: UInt64

    public init(
        weight: UInt64, confirmedPartsPerMillion: UInt64, confirmedWeight: UInt64, share: Amount, unconfirmed: Amount,
        undutiful: Amount, missed: Amount, withheld: Amount, convicted: Amount, paid: Amount, vestingEpochs: UInt64
    ) {
        self.weight = weight
        self.confirmedPartsPerMillion = confirmedPartsPerMillion
        self.confirmedWeight = confirmedWeight
        self.share = share
        self.unconfirmed = unconfirmed
        self.undutiful = undutiful
        self.missed = missed
        self.withheld = withheld
        self.convicted = convicted
        self.paid = paid
        self.vestingEpochs = vestingEpochs
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        (
            weight, confirmedPartsPerMillion, confirmedWeight, share, unconfirmed, undutiful, missed, withheld,
            convicted, paid, vestingEpochs
        ) = (0, 0, 0, .zero, .zero, .zero, .zero, .zero, .zero, .zero, 0)
        while let field = try decoder.nextField() {
            switch field {
            case 1: weight = try decoder.unsigned()
            case 2: confirmedPartsPerMillion = try decoder.unsigned()
            case 3: confirmedWeight = try decoder.unsigned()
            case 4: share = Amount(try decoder.unsigned())
            case 5: unconfirmed = Amount(try decoder.unsigned())
            case 6: undutiful = Amount(try decoder.unsigned())
            case 7: missed = Amount(try decoder.unsigned())
            case 8: withheld = Amount(try decoder.unsigned())
            case 9: convicted = Amount(try decoder.unsigned())
            case 10: paid = Amount(try decoder.unsigned())
            case 11: vestingEpochs = try decoder.unsigned()
            default: throw decoder.unknownField()
            }
        }
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(weight, field: 1)
        encoder.write(confirmedPartsPerMillion, field: 2)
        encoder.write(confirmedWeight, field: 3)
        encoder.write(share.ngonka, field: 4)
        encoder.write(unconfirmed.ngonka, field: 5)
        encoder.write(undutiful.ngonka, field: 6)
        encoder.write(missed.ngonka, field: 7)
        encoder.write(withheld.ngonka, field: 8)
        encoder.write(convicted.ngonka, field: 9)
        encoder.write(paid.ngonka, field: 10)
        encoder.write(vestingEpochs, field: 11)
    }
}
