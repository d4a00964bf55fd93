import Primitives
import WireFormat

/// From where on two honest runs of a model no longer explain a difference. Each model's record has its own.
public struct ModelThresholds: Hashable, Sendable {
    /// SmolLM2-135M with F16 weights and F16 KV cache: calibration.md, 0 of 1888 honest checks.
    public static let smolLM2 = ModelThresholds(
        distanceTenthsMax: 128, shortDistanceTenthsMax: 205, marginMicroNatsMax: 3_000)

    /// Ten times the mean distance of fingerprint values that still passes. A value is a log-probability times 512, so 128
    /// is 0.025 nats.
    public let distanceTenthsMax: UInt64
    /// The same where the fingerprint has one to three positions.
    public let shortDistanceTenthsMax: UInt64
    /// The mean margin per token, in millionths of a nat, that still passes.
    public let marginMicroNatsMax: UInt64

    public init(distanceTenthsMax: UInt64, shortDistanceTenthsMax: UInt64, marginMicroNatsMax: UInt64) {
        self.distanceTenthsMax = distanceTenthsMax
        self.shortDistanceTenthsMax = shortDistanceTenthsMax
        self.marginMicroNatsMax = marginMicroNatsMax
    }
}

/// The ledger's comparison of a claimed item with somebody's re-scoring of it.
public struct Verdict: Hashable, Sendable {
    /// Values that both sides gave: two for each position.
    public let valueCount: Int
    /// Σ |a − b| over the values.
    public let distance: UInt64
    /// The largest Σ |a − b| · 10 that passes.
    public let distanceTenthsAllowed: UInt64
    /// The margin that the re-scoring found.
    public let marginMicroNats: UInt64
    public let marginMicroNatsAllowed: UInt64

    /// Compares two fingerprints, value by value, and the margin with what it may be.
    ///
    /// - Parameters:
    ///   - claimed: the claimant's values, log-probability · 512, two for each position.
    ///   - scored: the other side's at the same positions.
    /// - Returns: nil where one side gave more values than the other, or half a position: there is nothing to compare.
    public init?(claimed: [Int16], scored: [Int16], marginMicroNats: UInt64, thresholds: ModelThresholds) {
        guard claimed.count == scored.count, claimed.count.isMultiple(of: 2) else { return nil }
        valueCount = claimed.count
        distance = zip(claimed, scored).reduce(0) { $0 + UInt64((Int64($1.0) - Int64($1.1)).magnitude) }
        let isShort = claimed.count / 2 <= Verdict.shortPositionsMax
        let meanAllowed = isShort ? thresholds.shortDistanceTenthsMax : thresholds.distanceTenthsMax
        let allowed = meanAllowed.multipliedReportingOverflow(by: UInt64(claimed.count))
        // A threshold so high that the product overflows lets every distance pass.
        distanceTenthsAllowed = allowed.overflow ? .max : allowed.partialValue
        self.marginMicroNats = marginMicroNats
        marginMicroNatsAllowed = thresholds.marginMicroNatsMax
    }

    /// The fingerprints are further apart than honest runs are.
    public var fingerprintDiffers: Bool { distance * 10 > distanceTenthsAllowed }

    /// The claimed tokens are not the ones that the model would have chosen.
    public var marginExceeded: Bool { marginMicroNats > marginMicroNatsAllowed }

    /// Either of the two: a panel decides.
    public var isMismatch: Bool { fingerprintDiffers || marginExceeded }

    /// Positions up to which the threshold for short fingerprints holds.
    private static let shortPositionsMax = 3
}

extension ModelThresholds: CanonicalMessage {
    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var distanceTenthsMax: UInt64 = 0
        var shortDistanceTenthsMax: UInt64 = 0
        var marginMicroNatsMax: UInt64 = 0
        while let field = try decoder.nextField() {
            switch field {
            case 1: distanceTenthsMax = try decoder.unsigned()
            case 2: shortDistanceTenthsMax = try decoder.unsigned()
            case 3: marginMicroNatsMax = try decoder.unsigned()
            default: throw decoder.unknownField()
            }
        }
        self.init(
            distanceTenthsMax: distanceTenthsMax, shortDistanceTenthsMax: shortDistanceTenthsMax,
            marginMicroNatsMax: marginMicroNatsMax)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(distanceTenthsMax, field: 1)
        encoder.write(shortDistanceTenthsMax, field: 2)
        encoder.write(marginMicroNatsMax, field: 3)
    }
}
