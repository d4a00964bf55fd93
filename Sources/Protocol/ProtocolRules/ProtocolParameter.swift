import Primitives

/// One parameter's entry in the table: what it is called, where it is kept, and how far governance may move it.
public struct ProtocolParameter: Sendable {
    /// For proposals and queries, for example `rounds.commit_blocks`.
    public let name: String
    /// The field number in the canonical encoding of `ProtocolParameters`; never given to another parameter.
    public let field: UInt32
    public let bounds: ClosedRange<UInt64>
    /// Set by genesis, and never by governance.
    public let fixedAtGenesis: Bool
    public let keyPath: any WritableKeyPath<ProtocolParameters, UInt64> & Sendable

    private init(
        _ field: UInt32, _ name: String, _ keyPath: any WritableKeyPath<ProtocolParameters, UInt64> & Sendable,
        _ bounds: ClosedRange<UInt64>, fixedAtGenesis: Bool = false
    ) {
        self.name = name
        self.field = field
        self.bounds = bounds
        self.fixedAtGenesis = fixedAtGenesis
        self.keyPath = keyPath
    }

    /// Every parameter, in the order of field numbers.
    public static let all: [ProtocolParameter] = [
        ProtocolParameter(1, "chain.block_time_milliseconds", \.chain.blockTimeMilliseconds, 100...60_000),
        ProtocolParameter(2, "chain.epoch_blocks", \.chain.epochBlocks, 8...1_000_000, fixedAtGenesis: true),
        ProtocolParameter(
            3, "chain.beacon_interval_blocks", \.chain.beaconIntervalBlocks, 1...10_000, fixedAtGenesis: true),
        ProtocolParameter(4, "rounds.serving_work_blocks", \.rounds.servingWorkBlocks, blocks),
        ProtocolParameter(5, "rounds.sprint_work_blocks", \.rounds.sprintWorkBlocks, blocks),
        ProtocolParameter(6, "rounds.confirmation_work_blocks", \.rounds.confirmationWorkBlocks, blocks),
        ProtocolParameter(7, "rounds.confirmations_per_epoch", \.rounds.confirmationsPerEpoch, 0...100),
        ProtocolParameter(8, "rounds.commit_blocks", \.rounds.commitBlocks, blocks),
        ProtocolParameter(9, "rounds.audit_blocks", \.rounds.auditBlocks, blocks),
        ProtocolParameter(10, "rounds.open_blocks", \.rounds.openBlocks, blocks),
        ProtocolParameter(11, "rounds.appeal_blocks", \.rounds.appealBlocks, blocks),
        ProtocolParameter(12, "rounds.appeal_open_blocks", \.rounds.appealOpenBlocks, blocks),
        ProtocolParameter(
            13, "rounds.settlement_claims_per_block", \.rounds.settlementClaimsPerBlock, 1...10_000),
        ProtocolParameter(14, "rounds.sessions_per_claim_max", \.rounds.sessionsPerClaimMax, 1...1_024),
        ProtocolParameter(15, "rounds.sprint_prompt_tokens", \.rounds.sprintPromptTokens, 1...4_096),
        ProtocolParameter(16, "rounds.sprint_output_tokens", \.rounds.sprintOutputTokens, 1...4_096),
        ProtocolParameter(17, "rounds.sprint_samples", \.rounds.sprintSamples, 1...64),
        ProtocolParameter(18, "rounds.confirmation_samples", \.rounds.confirmationSamples, 1...64),
        ProtocolParameter(19, "rounds.serving_samples", \.rounds.servingSamples, 1...64),
        ProtocolParameter(20, "rounds.samples_per_percent", \.rounds.samplesPerPercent, 0...4),
        ProtocolParameter(21, "sessions.group_size_default", \.sessions.groupSizeDefault, 1...64),
        ProtocolParameter(22, "sessions.group_size_max", \.sessions.groupSizeMax, 1...64),
        ProtocolParameter(23, "sessions.expiry_epochs", \.sessions.expiryEpochs, 1...1_000),
        ProtocolParameter(24, "sessions.expiry_epochs_max", \.sessions.expiryEpochsMax, 1...1_000),
        ProtocolParameter(25, "sessions.deposit_min_ngonka", \.sessions.depositMinNgonka, 1...coinsMax),
        ProtocolParameter(26, "sessions.max_tokens_default", \.sessions.maxTokensDefault, 1...1_048_576),
        ProtocolParameter(27, "economy.fee_per_byte_ngonka", \.economy.feePerByteNgonka, 0...1_000_000_000),
        ProtocolParameter(
            28, "economy.serving_tax_parts_per_million", \.economy.servingTaxPartsPerMillion, 0...500_000),
        ProtocolParameter(29, "economy.host_bond_ngonka", \.economy.hostBondNgonka, 0...coinsMax),
        ProtocolParameter(30, "economy.price_min", \.economy.priceMin, 0...priceCeiling),
        ProtocolParameter(31, "economy.price_max", \.economy.priceMax, 1...priceCeiling),
        ProtocolParameter(32, "audits.dispute_fee_ngonka", \.audits.disputeFeeNgonka, 0...coinsMax),
        ProtocolParameter(33, "audits.score_mismatch_milli_nats", \.audits.scoreMismatchMilliNats, milliNats),
        ProtocolParameter(34, "audits.score_match_milli_nats", \.audits.scoreMatchMilliNats, milliNats),
        ProtocolParameter(35, "audits.score_conviction_milli_nats", \.audits.scoreConvictionMilliNats, milliNats),
        ProtocolParameter(36, "audits.mismatches_scored_max", \.audits.mismatchesScoredMax, 1...64),
        ProtocolParameter(37, "audits.slash_parts_per_million", \.audits.slashPartsPerMillion, share),
        ProtocolParameter(38, "audits.duty_full_parts_per_million", \.audits.dutyFullPartsPerMillion, 1...million),
        ProtocolParameter(
            39, "audits.miss_tolerance_parts_per_million", \.audits.missTolerancePartsPerMillion, share),
        ProtocolParameter(40, "beacon.validators_max", \.beacon.validatorsMax, 1...100),
        ProtocolParameter(
            41, "beacon.drawn_forfeit_parts_per_million", \.beacon.drawnForfeitPartsPerMillion, share),
        ProtocolParameter(42, "beacon.idle_forfeit_parts_per_million", \.beacon.idleForfeitPartsPerMillion, share),
        ProtocolParameter(50, "economy.vesting_epochs", \.economy.vestingEpochs, 0...1_460),
        ProtocolParameter(
            51, "economy.collateral_grace_epochs", \.economy.collateralGraceEpochs, 0...1_000_000),
        ProtocolParameter(
            52, "economy.collateral_free_parts_per_million", \.economy.collateralFreePartsPerMillion, share),
        ProtocolParameter(
            53, "economy.collateral_per_weight_ngonka", \.economy.collateralPerWeightNgonka,
            0...1_000_000_000),
    ]

    /// No window is empty, so none is skipped.
    private static let blocks: ClosedRange<UInt64> = 1...100_000
    /// One million GNK: a thousandth of the supply.
    private static let coinsMax = 1_000_000 * Amount.ngonkaPerGNK
    private static let million: UInt64 = 1_000_000
    private static let share: ClosedRange<UInt64> = 0...million
    private static let milliNats: ClosedRange<UInt64> = 1...million
    /// 1 000 GNK for 1 000 tokens.
    private static let priceCeiling: UInt64 = 1_000 * Amount.ngonkaPerGNK * TokenPrices.scale
}
