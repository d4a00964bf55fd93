import Foundation
import Messages
import Primitives
import ProtocolRules
import SwiftProtobuf

extension CheckedType {
    static let genesis: [any CrossChecked.Type] = [
        GenesisState.self, GenesisAccount.self, GenesisHost.self, GenesisWeight.self, ProtocolParameters.self,
        ModelRecord.self, TokenPrices.self, ModelThresholds.self,
    ]
}

extension GenesisState: CrossChecked {
    static func random(_ values: inout RandomValues) -> GenesisState {
        GenesisState(
            parameters: .random(&values), accounts: values.list(GenesisAccount.random),
            models: values.list(ModelRecord.random), hosts: values.list(GenesisHost.random), pool: values.amount())
    }

    var generated: Gonka_V1_GenesisState {
        .with {
            $0.parameters = parameters.generated
            $0.accounts = accounts.map(\.generated)
            $0.models = models.map(\.generated)
            $0.hosts = hosts.map(\.generated)
            $0.pool = pool.ngonka
        }
    }
}

extension GenesisAccount: CrossChecked {
    static func random(_ values: inout RandomValues) -> GenesisAccount {
        GenesisAccount(
            address: values.address(), balance: values.amount(), vesting: values.amount(),
            vestingEpochs: values.number())
    }

    var generated: Gonka_V1_GenesisAccount {
        .with {
            $0.address = Data(address.bytes)
            $0.balance = balance.ngonka
            $0.vesting = vesting.ngonka
            $0.vestingEpochs = vestingEpochs
        }
    }

    static var fixedLengthFields: Set<UInt32> { [1] }
}

extension GenesisHost: CrossChecked {
    static func random(_ values: inout RandomValues) -> GenesisHost {
        GenesisHost(registration: .random(&values), weights: values.list(GenesisWeight.random))
    }

    var generated: Gonka_V1_GenesisHost {
        .with {
            $0.registration = registration.generated
            $0.weights = weights.map(\.generated)
        }
    }
}

extension GenesisWeight: CrossChecked {
    static func random(_ values: inout RandomValues) -> GenesisWeight {
        GenesisWeight(model: values.identifier(), weight: values.number())
    }

    var generated: Gonka_V1_GenesisWeight {
        .with {
            $0.model = model
            $0.weight = weight
        }
    }
}

extension ModelRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> ModelRecord {
        ModelRecord(
            id: values.identifier(), fileHash: values.hash(), vocabulary: values.number(),
            contextTokens: values.number(),
            coefficientPartsPerMillion: values.number(), prices: .random(&values), thresholds: .random(&values),
            cacheType: values.identifier(), chatTemplate: values.identifier(),
            state: values.one(of: [.active, .retired]), ordinaryTokens: .random(&values), isAnchored: values.flag(),
            isObserved: values.flag())
    }

    var generated: Gonka_V1_ModelRecord {
        .with {
            $0.id = id
            $0.fileHash = Data(fileHash.bytes)
            $0.cacheType = cacheType
            $0.chatTemplate = chatTemplate
            $0.vocabulary = vocabulary
            $0.contextTokens = contextTokens
            $0.coefficientPartsPerMillion = coefficientPartsPerMillion
            $0.prices = prices.generated
            $0.thresholds = thresholds.generated
            $0.state = enumeration(state.rawValue)
            $0.ordinaryTokens = ordinaryTokens.bounds
            $0.anchored = isAnchored
            $0.observed = isObserved
        }
    }

    static var fixedLengthFields: Set<UInt32> { [2] }
}

extension TokenPrices: CrossChecked {
    static func random(_ values: inout RandomValues) -> TokenPrices {
        TokenPrices(input: values.number(), cachedInput: values.number(), output: values.number())
    }

    var generated: Gonka_V1_TokenPrices {
        .with {
            $0.input = input
            $0.cachedInput = cachedInput
            $0.output = output
        }
    }
}

extension ModelThresholds: CrossChecked {
    static func random(_ values: inout RandomValues) -> ModelThresholds {
        ModelThresholds(
            distanceTenthsMax: values.number(), shortDistanceTenthsMax: values.number(),
            marginMicroNatsMax: values.number())
    }

    var generated: Gonka_V1_ModelThresholds {
        .with {
            $0.distanceTenthsMax = distanceTenthsMax
            $0.shortDistanceTenthsMax = shortDistanceTenthsMax
            $0.marginMicroNatsMax = marginMicroNatsMax
        }
    }
}

extension ProtocolParameters: CrossChecked {
    /// Each parameter somewhere within its bounds, as long as it fits the others.
    static func random(_ values: inout RandomValues) -> ProtocolParameters {
        var parameters = ProtocolParameters.network
        for parameter in ProtocolParameter.all where values.decide() {
            var changed = parameters
            changed[keyPath: parameter.keyPath] = values.number(in: parameter.bounds)
            if (try? changed.check()) != nil { parameters = changed }
        }
        return parameters
    }

    var generated: Gonka_V1_ProtocolParameters {
        .with {
            chain.write(to: &$0)
            rounds.write(to: &$0)
            sessions.write(to: &$0)
            economy.write(to: &$0)
            audits.write(to: &$0)
            beacon.write(to: &$0)
        }
    }
}

extension ChainParameters {
    fileprivate func write(to generated: inout Gonka_V1_ProtocolParameters) {
        generated.chainBlockTimeMilliseconds = blockTimeMilliseconds
        generated.chainEpochBlocks = epochBlocks
        generated.chainBeaconIntervalBlocks = beaconIntervalBlocks
    }
}

extension RoundParameters {
    fileprivate func write(to generated: inout Gonka_V1_ProtocolParameters) {
        generated.roundsServingWorkBlocks = servingWorkBlocks
        generated.roundsSprintWorkBlocks = sprintWorkBlocks
        generated.roundsConfirmationWorkBlocks = confirmationWorkBlocks
        generated.roundsConfirmationsPerEpoch = confirmationsPerEpoch
        generated.roundsCommitBlocks = commitBlocks
        generated.roundsAuditBlocks = auditBlocks
        generated.roundsOpenBlocks = openBlocks
        generated.roundsAppealBlocks = appealBlocks
        generated.roundsAppealOpenBlocks = appealOpenBlocks
        generated.roundsSettlementClaimsPerBlock = settlementClaimsPerBlock
        generated.roundsSessionsPerClaimMax = sessionsPerClaimMax
        generated.roundsSprintPromptTokens = sprintPromptTokens
        generated.roundsSprintOutputTokens = sprintOutputTokens
        generated.roundsSprintSamples = sprintSamples
        generated.roundsConfirmationSamples = confirmationSamples
        generated.roundsServingSamples = servingSamples
        generated.roundsSamplesPerPercent = samplesPerPercent
    }
}

extension SessionParameters {
    fileprivate func write(to generated: inout Gonka_V1_ProtocolParameters) {
        generated.sessionsGroupSizeDefault = groupSizeDefault
        generated.sessionsGroupSizeMax = groupSizeMax
        generated.sessionsExpiryEpochs = expiryEpochs
        generated.sessionsExpiryEpochsMax = expiryEpochsMax
        generated.sessionsDepositMinNgonka = depositMinNgonka
        generated.sessionsMaxTokensDefault = maxTokensDefault
    }
}

extension EconomyParameters {
    fileprivate func write(to generated: inout Gonka_V1_ProtocolParameters) {
        generated.economyFeePerByteNgonka = feePerByteNgonka
        generated.economyServingTaxPartsPerMillion = servingTaxPartsPerMillion
        generated.economyHostBondNgonka = hostBondNgonka
        generated.economyPriceMin = priceMin
        generated.economyPriceMax = priceMax
        generated.economyVestingEpochs = vestingEpochs
        generated.economyCollateralGraceEpochs = collateralGraceEpochs
        generated.economyCollateralFreePartsPerMillion = collateralFreePartsPerMillion
        generated.economyCollateralPerWeightNgonka = collateralPerWeightNgonka
    }
}

extension AuditParameters {
    fileprivate func write(to generated: inout Gonka_V1_ProtocolParameters) {
        generated.auditsDisputeFeeNgonka = disputeFeeNgonka
        generated.auditsScoreMismatchMilliNats = scoreMismatchMilliNats
        generated.auditsScoreMatchMilliNats = scoreMatchMilliNats
        generated.auditsScoreConvictionMilliNats = scoreConvictionMilliNats
        generated.auditsMismatchesScoredMax = mismatchesScoredMax
        generated.auditsSlashPartsPerMillion = slashPartsPerMillion
        generated.auditsDutyFullPartsPerMillion = dutyFullPartsPerMillion
        generated.auditsMissTolerancePartsPerMillion = missTolerancePartsPerMillion
    }
}

extension BeaconParameters {
    fileprivate func write(to generated: inout Gonka_V1_ProtocolParameters) {
        generated.beaconValidatorsMax = validatorsMax
        generated.beaconDrawnForfeitPartsPerMillion = drawnForfeitPartsPerMillion
        generated.beaconIdleForfeitPartsPerMillion = idleForfeitPartsPerMillion
    }
}

extension TokenRanges {
    static func random(_ values: inout RandomValues) -> TokenRanges {
        TokenRanges(bounds: [values.number(in: 1...5), 17, 20, 49_151]) ?? .none
    }
}
