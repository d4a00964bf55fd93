import Cryptography
import Foundation
import Messages
import Primitives
import ProtocolRules
import SwiftProtobuf

extension AuditRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> AuditRecord {
        AuditRecord(
            auditor: values.address(), outcome: values.one(of: [.scored, .unavailable, .cannotCheck]),
            digest: values.optional { $0.hash() }, result: values.optional(AuditResult.random)
        )
    }

    var generated: Gonka_V1_AuditRecord {
        .with {
            $0.auditor = Data(auditor.bytes)
            $0.outcome = enumeration(outcome.rawValue)
            if let digest { $0.digest = Data(digest.bytes) }
            if let result { $0.result = result.generated }
        }
    }

    static var fixedLengthFields: Set<UInt32> { [1, 3] }
}

extension OpenedItemRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> OpenedItemRecord {
        OpenedItemRecord(
            index: values.number(), outputTokens: values.number(), fingerprint: values.bytes(), fee: values.amount())
    }

    var generated: Gonka_V1_OpenedItemRecord {
        .with {
            $0.index = index
            $0.outputTokens = outputTokens
            $0.fingerprint = Data(fingerprint)
            $0.fee = fee.ngonka
        }
    }
}

extension ScoreRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> ScoreRecord {
        ScoreRecord(
            account: values.address(), milliNats: values.number(), matches: values.number(),
            mismatches: values.number(), convictions: values.number()
        )
    }

    var generated: Gonka_V1_ScoreRecord {
        .with {
            $0.account = Data(account.bytes)
            $0.milliNats = milliNats
            $0.matches = matches
            $0.mismatches = mismatches
            $0.convictions = convictions
        }
    }

    static var fixedLengthFields: Set<UInt32> { [1] }
}

extension RoundModelRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> RoundModelRecord {
        RoundModelRecord(
            model: values.identifier(), coefficientPartsPerMillion: values.number(), thresholds: .random(&values),
            isObserved: values.flag(), fee: values.amount(), tokens: values.number(),
            dustTokens: values.number()
        )
    }

    var generated: Gonka_V1_RoundModelRecord {
        .with {
            $0.model = model
            $0.coefficientPartsPerMillion = coefficientPartsPerMillion
            $0.thresholds = thresholds.generated
            $0.observed = isObserved
            $0.fee = fee.ngonka
            $0.tokens = tokens
            $0.dustTokens = dustTokens
        }
    }
}

extension HostEpochRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> HostEpochRecord {
        HostEpochRecord(
            host: values.address(), epoch: values.number(), sprint: values.list(ProvenWork.random),
            confirmations: values.list(ProvenWork.random), duties: values.number(), dutiesDone: values.number(),
            drawnBeaconsMissed: values.number(), idleBeaconsMissed: values.number(), requestsServed: values.number(),
            requestsMissed: values.number(), isConvicted: values.flag(), payout: values.optional(HostPayout.random),
            served: values.list(ProvenWork.random)
        )
    }

    var generated: Gonka_V1_HostEpochRecord {
        .with {
            $0.host = Data(host.bytes)
            $0.epoch = epoch
            $0.sprint = sprint.map(\.generated)
            $0.confirmations = confirmations.map(\.generated)
            $0.duties = duties
            $0.dutiesDone = dutiesDone
            $0.drawnBeaconsMissed = drawnBeaconsMissed
            $0.idleBeaconsMissed = idleBeaconsMissed
            $0.requestsServed = requestsServed
            $0.requestsMissed = requestsMissed
            $0.convicted = isConvicted
            if let payout { $0.payout = payout.generated }
            $0.served = served.map(\.generated)
        }
    }

    static var fixedLengthFields: Set<UInt32> { [1] }
}

extension ProvenWork: CrossChecked {
    static func random(_ values: inout RandomValues) -> ProvenWork {
        ProvenWork(
            round: values.number(), model: values.identifier(), workBlocks: values.number(), epoch: values.number(),
            claimed: values.number(), counted: values.number(), isDecided: values.flag(), served: values.number()
        )
    }

    var generated: Gonka_V1_ProvenWork {
        .with {
            $0.round = round
            $0.model = model
            $0.workBlocks = workBlocks
            $0.epoch = epoch
            $0.claimed = claimed
            $0.counted = counted
            $0.decided = isDecided
            $0.served = served
        }
    }
}

extension AuditorsRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> AuditorsRecord {
        AuditorsRecord(
            epoch: values.number(), model: values.identifier(), hosts: values.list { $0.address() },
            weights: values.list { $0.number() }
        )
    }

    var generated: Gonka_V1_AuditorsRecord {
        .with {
            $0.epoch = epoch
            $0.model = model
            $0.hosts = hosts.map { Data($0.bytes) }
            $0.weights = weights
        }
    }

    static var fixedLengthFields: Set<UInt32> { [3] }
}

extension ValidatorRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> ValidatorRecord {
        ValidatorRecord(host: values.address(), power: values.number(), withheld: values.number())
    }

    var generated: Gonka_V1_ValidatorRecord {
        .with {
            $0.host = Data(host.bytes)
            $0.power = power
            $0.withheld = withheld
        }
    }

    static var fixedLengthFields: Set<UInt32> { [1] }
}

extension BeaconIntervalRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> BeaconIntervalRecord {
        BeaconIntervalRecord(
            interval: values.number(), validators: values.list { $0.address() }, owing: values.list { $0.address() }
        )
    }

    var generated: Gonka_V1_BeaconIntervalRecord {
        .with {
            $0.interval = interval
            $0.validators = validators.map { Data($0.bytes) }
            $0.owing = owing.map { Data($0.bytes) }
        }
    }

    static var fixedLengthFields: Set<UInt32> { [2, 3] }
}

extension BeaconPartRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> BeaconPartRecord {
        BeaconPartRecord(
            standing: values.hash(), committedIn: values.number(), revealedIn: values.number(), secret: values.bytes()
        )
    }

    var generated: Gonka_V1_BeaconPartRecord {
        .with {
            $0.standing = Data(standing.bytes)
            $0.committedIn = committedIn
            $0.revealedIn = revealedIn
            $0.secret = Data(secret)
        }
    }

    static var fixedLengthFields: Set<UInt32> { [1] }
}

extension BeaconSeedRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> BeaconSeedRecord {
        BeaconSeedRecord(seed: values.hash(), reveals: values.number())
    }

    var generated: Gonka_V1_BeaconSeedRecord {
        .with {
            $0.seed = Data(seed.bytes)
            $0.reveals = reveals
        }
    }

    static var fixedLengthFields: Set<UInt32> { [1] }
}

extension RoundTerms: CrossChecked {
    static func random(_ values: inout RandomValues) -> RoundTerms {
        RoundTerms(
            samples: values.number(), samplesPerPercent: values.number(), promptTokens: values.number(),
            outputTokens: values.number())
    }

    var generated: Gonka_V1_RoundTerms {
        .with {
            $0.samples = samples
            $0.samplesPerPercent = samplesPerPercent
            $0.promptTokens = promptTokens
            $0.outputTokens = outputTokens
        }
    }
}

extension EntryOutcome: CrossChecked {
    static func random(_ values: inout RandomValues) -> EntryOutcome {
        EntryOutcome(
            state: values.one(of: [.carried, .decided, .undecided]),
            tally: AuditTally(
                drawn: values.number(), counted: values.number(), bad: values.number(), abandoned: values.number()),
            tokens: values.number())
    }

    var generated: Gonka_V1_EntryOutcome {
        .with {
            $0.state = enumeration(state.rawValue)
            $0.drawn = tally.drawn
            $0.counted = tally.counted
            $0.bad = tally.bad
            $0.abandoned = tally.abandoned
            $0.tokens = tokens
        }
    }
}
