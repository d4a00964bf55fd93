import Cryptography
import Primitives
import WireFormat

/// What an epoch came to: the sums that every host's share was computed with, so that anybody can compute it again.
public struct EpochRecord: CanonicalMessage, Equatable {
    public var epoch: UInt64
    /// Minted for it.
    public var emission: Amount
    /// Hosts with weight.
    public var hosts: UInt64
    /// Of all hosts, before confirmations: what shares are parts of.
    public var weight: UInt64
    public var confirmedWeight: UInt64
    /// The weighted median of all hosts' mean confirmation.
    public var medianPartsPerMillion: UInt64
    /// To hosts, released or not.
    public var paid: Amount
    /// Everything else of the emission.
    public var pooled: Amount
    /// False where no sprint proved anything: weights and powers stay as they were.
    public var isProven: Bool
    /// The round of the sprint; 0 for none.
    public var sprint: UInt64

    public init(
        epoch: UInt64, emission: Amount, hosts: UInt64, weight: UInt64, confirmedWeight: UInt64,
        medianPartsPerMillion: UInt64, paid: Amount, pooled: Amount, isProven: Bool, sprint: UInt64
    ) {
        self.epoch = epoch
        self.emission = emission
        self.hosts = hosts
        self.weight = weight
        self.confirmedWeight = confirmedWeight
        self.medianPartsPerMillion = medianPartsPerMillion
        self.paid = paid
        self.pooled = pooled
        self.isProven = isProven
        self.sprint = sprint
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        (epoch, emission, hosts, weight, confirmedWeight, medianPartsPerMillion, paid, pooled, isProven, sprint) = (
            0, .zero, 0, 0, 0, 0, .zero, .zero, false, 0
        )
        while let field = try decoder.nextField() {
            switch field {
            case 1: epoch = try decoder.unsigned()
            case 2: emission = Amount(try decoder.unsigned())
            case 3: hosts = try decoder.unsigned()
            case 4: weight = try decoder.unsigned()
            case 5: confirmedWeight = try decoder.unsigned()
            case 6: medianPartsPerMillion = try decoder.unsigned()
            case 7: paid = Amount(try decoder.unsigned())
            case 8: pooled = Amount(try decoder.unsigned())
            case 9: isProven = try decoder.boolean()
            case 10: sprint = try decoder.unsigned()
            default: throw decoder.unknownField()
            }
        }
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(epoch, field: 1)
        encoder.write(emission.ngonka, field: 2)
        encoder.write(hosts, field: 3)
        encoder.write(weight, field: 4)
        encoder.write(confirmedWeight, field: 5)
        encoder.write(medianPartsPerMillion, field: 6)
        encoder.write(paid.ngonka, field: 7)
        encoder.write(pooled.ngonka, field: 8)
        encoder.write(isProven, field: 9)
        encoder.write(sprint, field: 10)
    }
}

/// What the next epoch mints, as far as it depends on the last one's.
public struct EmissionRecord: CanonicalMessage, Equatable {
    /// The epoch that `rate` is of.
    public var epoch: UInt64
    /// r(epoch) in 10⁻¹⁸ ngonka: 16 bytes, big-endian.
    public var rate: Bytes

    public init(epoch: UInt64, rate: Bytes) {
        self.epoch = epoch
        self.rate = rate
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        (epoch, rate) = (0, [])
        while let field = try decoder.nextField() {
            switch field {
            case 1: epoch = try decoder.unsigned()
            case 2: rate = try decoder.data()
            default: throw decoder.unknownField()
            }
        }
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(epoch, field: 1)
        encoder.write(rate, field: 2)
    }
}
