import WireFormat

/// Every governed number of the network. Genesis and the state hold them; what lasts (a round, a session) freezes the ones it
/// needs when it opens.
///
/// All are unsigned integers with the unit in the name, so that one table (`ProtocolParameter.all`) gives each its name, bounds
/// and field number. Decoding checks the bounds; code that changes parameters calls `check`.
public struct ProtocolParameters: Hashable, Sendable {
    public var chain = ChainParameters()
    public var rounds = RoundParameters()
    public var sessions = SessionParameters()
    public var economy = EconomyParameters()
    public var audits = AuditParameters()
    public var beacon = BeaconParameters()

    /// All zero: what decoding starts from.
    init() {}

    public var epochSchedule: EpochSchedule { EpochSchedule(length: chain.epochBlocks) }
    public var beaconSchedule: BeaconSchedule { BeaconSchedule(length: chain.beaconIntervalBlocks) }
}

/// The clock. Epoch and beacon interval never change after genesis: every timetable already frozen rests on them.
public struct ChainParameters: Hashable, Sendable {
    /// What the ordering aims at between two blocks.
    public var blockTimeMilliseconds: UInt64 = 0
    /// Blocks in an epoch, a multiple of the beacon interval.
    public var epochBlocks: UInt64 = 0
    public var beaconIntervalBlocks: UInt64 = 0
}

/// Lengths of windows and sizes of samples. A round freezes them when it opens.
public struct RoundParameters: Hashable, Sendable {
    public var servingWorkBlocks: UInt64 = 0
    public var sprintWorkBlocks: UInt64 = 0
    public var confirmationWorkBlocks: UInt64 = 0
    /// How many confirmations open per epoch on average.
    public var confirmationsPerEpoch: UInt64 = 0
    public var commitBlocks: UInt64 = 0
    public var auditBlocks: UInt64 = 0
    public var openBlocks: UInt64 = 0
    public var appealBlocks: UInt64 = 0
    public var appealOpenBlocks: UInt64 = 0
    /// The most claims that one block settles.
    public var settlementClaimsPerBlock: UInt64 = 0
    /// The most sessions that one claim may list; what is left waits for a later round.
    public var sessionsPerClaimMax: UInt64 = 0
    /// Prompt tokens of a sprint item, P.
    public var sprintPromptTokens: UInt64 = 0
    /// Generated tokens of a sprint item, G.
    public var sprintOutputTokens: UInt64 = 0
    public var sprintSamples: UInt64 = 0
    public var confirmationSamples: UInt64 = 0
    public var servingSamples: UInt64 = 0
    /// Further samples for each full 1 % that an entry claims of all units of its model.
    public var samplesPerPercent: UInt64 = 0

    /// The length of the work window of a round of `kind`.
    public func workBlocks(of kind: RoundKind) -> UInt64 {
        switch kind {
        case .sprint: sprintWorkBlocks
        case .confirmation: confirmationWorkBlocks
        case .serving: servingWorkBlocks
        }
    }
}

/// What a developer's session may be. A session freezes them when it opens.
public struct SessionParameters: Hashable, Sendable {
    /// Hosts in a group where the message does not say.
    public var groupSizeDefault: UInt64 = 0
    public var groupSizeMax: UInt64 = 0
    /// Epochs from opening to expiry where the message does not say.
    public var expiryEpochs: UInt64 = 0
    /// The longest expiry that may be asked for.
    public var expiryEpochsMax: UInt64 = 0
    /// The smallest deposit.
    public var depositMinNgonka: UInt64 = 0
    /// Output tokens of a request that does not say how many it wants at most.
    public var maxTokensDefault: UInt64 = 0
}

/// What things cost.
public struct EconomyParameters: Hashable, Sendable {
    /// Burned for each byte of a transaction.
    public var feePerByteNgonka: UInt64 = 0
    /// The community pool's part of what executors earn.
    public var servingTaxPartsPerMillion: UInt64 = 0
    /// Locked by a host as long as it is registered.
    public var hostBondNgonka: UInt64 = 0
    /// Bounds of every price of every model, in `TokenPrices`' unit.
    public var priceMin: UInt64 = 0
    public var priceMax: UInt64 = 0
    /// Epochs over which a reward is released; 0 pays it at once.
    public var vestingEpochs: UInt64 = 0
    /// Epochs in which weight needs no collateral.
    public var collateralGraceEpochs: UInt64 = 0
    /// The share of weight that never needs any.
    public var collateralFreePartsPerMillion: UInt64 = 0
    /// Needed for each further unit of weight; 0 asks for none.
    public var collateralPerWeightNgonka: UInt64 = 0
}

/// What audits cost and lead to.
public struct AuditParameters: Hashable, Sendable {
    /// Paid by the side that a panel finds wrong.
    public var disputeFeeNgonka: UInt64 = 0
    /// ln(p1 ÷ p0), added to the score for a confirmed mismatch, in milli-nats.
    public var scoreMismatchMilliNats: UInt64 = 0
    /// ln((1 − p0) ÷ (1 − p1)), taken off the score for a match.
    public var scoreMatchMilliNats: UInt64 = 0
    /// The score that convicts.
    public var scoreConvictionMilliNats: UInt64 = 0
    /// Mismatches of one round that enter the score.
    public var mismatchesScoredMax: UInt64 = 0
    /// What a conviction takes of the collateral.
    public var slashPartsPerMillion: UInt64 = 0
    /// The share of duties that earns the whole emission.
    public var dutyFullPartsPerMillion: UInt64 = 0
    /// The share of missed requests that costs nothing.
    public var missTolerancePartsPerMillion: UInt64 = 0
}

/// Who makes the seeds, and what silence costs.
public struct BeaconParameters: Hashable, Sendable {
    /// The strongest validators of an interval.
    public var validatorsMax: UInt64 = 0
    /// Of an epoch's emission, for a missed reveal of an interval that a round drew from.
    public var drawnForfeitPartsPerMillion: UInt64 = 0
    /// The same where none drew from it.
    public var idleForfeitPartsPerMillion: UInt64 = 0
}

extension ProtocolParameters: CanonicalMessage {
    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        self.init()
        while let field = try decoder.nextField() {
            guard let parameter = ProtocolParameter.all.first(where: { $0.field == field }) else {
                throw decoder.unknownField()
            }
            self[keyPath: parameter.keyPath] = try decoder.unsigned()
        }
        do { try check() } catch { throw .invalidValue(number: error.field) }
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        for parameter in ProtocolParameter.all {
            encoder.write(self[keyPath: parameter.keyPath], field: parameter.field)
        }
    }
}
