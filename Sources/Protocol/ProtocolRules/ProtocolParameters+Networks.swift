extension ProtocolParameters {
    /// What a public network starts with.
    public static let network: ProtocolParameters = {
        var parameters = ProtocolParameters()
        parameters.chain = ChainParameters(
            blockTimeMilliseconds: 5_000, epochBlocks: 17_280, beaconIntervalBlocks: 64)
        parameters.rounds = RoundParameters(
            servingWorkBlocks: 4_320, sprintWorkBlocks: 120, confirmationWorkBlocks: 12, confirmationsPerEpoch: 2,
            commitBlocks: 24, auditBlocks: 240, openBlocks: 60, appealBlocks: 240, appealOpenBlocks: 60,
            settlementClaimsPerBlock: 500, sessionsPerClaimMax: 256, sprintPromptTokens: 24, sprintOutputTokens: 32,
            sprintSamples: 8, confirmationSamples: 4, servingSamples: 4, samplesPerPercent: 1)
        parameters.sessions = SessionParameters(
            groupSizeDefault: 8, groupSizeMax: 64, expiryEpochs: 7, expiryEpochsMax: 90,
            depositMinNgonka: 10_000_000, maxTokensDefault: 256)
        parameters.economy = EconomyParameters(
            feePerByteNgonka: 100, servingTaxPartsPerMillion: 20_000, hostBondNgonka: 100_000_000_000,
            priceMin: 1_000_000, priceMax: 1_000_000_000_000_000, vestingEpochs: 180, collateralGraceEpochs: 180,
            collateralFreePartsPerMillion: 200_000, collateralPerWeightNgonka: 100_000)
        // p0 = 1 %, p1 = 20 %, conviction at ln 10⁸ (protocol.md section 5).
        parameters.audits = AuditParameters(
            disputeFeeNgonka: 1_000_000_000, scoreMismatchMilliNats: 2_996, scoreMatchMilliNats: 213,
            scoreConvictionMilliNats: 18_421, mismatchesScoredMax: 4, slashPartsPerMillion: 200_000,
            dutyFullPartsPerMillion: 900_000, missTolerancePartsPerMillion: 50_000)
        parameters.beacon = BeaconParameters(
            validatorsMax: 21, drawnForfeitPartsPerMillion: 250_000, idleForfeitPartsPerMillion: 10_000)
        return parameters
    }()

    /// What one machine starts with: minutes instead of days.
    public static let devnet: ProtocolParameters = {
        var parameters = network
        parameters.chain = ChainParameters(blockTimeMilliseconds: 1_000, epochBlocks: 60, beaconIntervalBlocks: 3)
        parameters.rounds.servingWorkBlocks = 15
        parameters.rounds.sprintWorkBlocks = 8
        // As long as the sprint: hosts that share one machine finish single items in half of it, and then a confirmation says
        // how items fell, not what a host can do (ADR 15).
        parameters.rounds.confirmationWorkBlocks = 8
        parameters.rounds.confirmationsPerEpoch = 1
        parameters.rounds.commitBlocks = 3
        parameters.rounds.auditBlocks = 10
        parameters.rounds.openBlocks = 3
        parameters.rounds.appealBlocks = 10
        parameters.rounds.appealOpenBlocks = 3
        parameters.rounds.samplesPerPercent = 0
        parameters.sessions.groupSizeDefault = 3
        parameters.sessions.expiryEpochs = 20
        parameters.economy.vestingEpochs = 0
        return parameters
    }()
}
