import Cryptography
import Foundation
import Messages
import Primitives
import ProtocolRules
import SwiftProtobuf

extension CheckedType {
    static let audits: [any CrossChecked.Type] = [
        MsgBeacon.self, MsgCommitAudit.self, AuditCommitment.self, MsgOpenAudit.self, AuditOpening.self,
        AuditResult.self, MsgOpenItems.self, OpenedEntry.self, OpenedItem.self,
    ]
    static let auditRecords: [any CrossChecked.Type] = [
        AuditRecord.self, OpenedItemRecord.self, ScoreRecord.self, RoundModelRecord.self, HostEpochRecord.self,
        ProvenWork.self, AuditorsRecord.self, BeaconIntervalRecord.self, BeaconPartRecord.self, BeaconSeedRecord.self,
        ValidatorRecord.self, RoundTerms.self, EntryOutcome.self,
    ]
}

extension MsgBeacon: CrossChecked {
    static func random(_ values: inout RandomValues) -> MsgBeacon {
        MsgBeacon(
            operatorAccount: values.address(), host: values.address(), interval: values.number(),
            secret: values.bytes(), nextCommitment: values.hash()
        )
    }

    var generated: Gonka_V1_MsgBeacon {
        .with {
            $0.operator = operatorAccount.bech32
            $0.host = host.bech32
            $0.interval = interval
            $0.secret = Data(secret)
            $0.nextCommitment = Data(nextCommitment.bytes)
        }
    }

    static var fixedLengthFields: Set<UInt32> { [5] }
}

extension MsgCommitAudit: CrossChecked {
    static func random(_ values: inout RandomValues) -> MsgCommitAudit {
        MsgCommitAudit(
            operatorAccount: values.address(), host: values.address(), round: values.number(),
            commitments: values.list(AuditCommitment.random)
        )
    }

    var generated: Gonka_V1_MsgCommitAudit {
        .with {
            $0.operator = operatorAccount.bech32
            $0.host = host.bech32
            $0.round = round
            $0.commitments = commitments.map(\.generated)
        }
    }
}

extension AuditCommitment: CrossChecked {
    static func random(_ values: inout RandomValues) -> AuditCommitment {
        AuditCommitment(
            claimant: values.address(), entry: values.number(), number: values.number(),
            outcome: values.one(of: [.scored, .unavailable, .cannotCheck]), digest: values.optional { $0.hash() }
        )
    }

    var generated: Gonka_V1_AuditCommitment {
        .with {
            $0.claimant = Data(claimant.bytes)
            $0.entry = entry
            $0.number = number
            $0.outcome = enumeration(outcome.rawValue)
            if let digest { $0.digest = Data(digest.bytes) }
        }
    }

    static var fixedLengthFields: Set<UInt32> { [1, 5] }
}

extension MsgOpenAudit: CrossChecked {
    static func random(_ values: inout RandomValues) -> MsgOpenAudit {
        MsgOpenAudit(
            operatorAccount: values.address(), host: values.address(), round: values.number(),
            openings: values.list(AuditOpening.random)
        )
    }

    var generated: Gonka_V1_MsgOpenAudit {
        .with {
            $0.operator = operatorAccount.bech32
            $0.host = host.bech32
            $0.round = round
            $0.openings = openings.map(\.generated)
        }
    }
}

extension AuditOpening: CrossChecked {
    static func random(_ values: inout RandomValues) -> AuditOpening {
        AuditOpening(
            claimant: values.address(), entry: values.number(), number: values.number(), salt: values.bytes(),
            result: .random(&values)
        )
    }

    var generated: Gonka_V1_AuditOpening {
        .with {
            $0.claimant = Data(claimant.bytes)
            $0.entry = entry
            $0.number = number
            $0.salt = Data(salt)
            $0.result = result.generated
        }
    }

    static var fixedLengthFields: Set<UInt32> { [1] }
}

extension AuditResult: CrossChecked {
    static func random(_ values: inout RandomValues) -> AuditResult {
        AuditResult(
            outcome: values.one(of: [.scored, .differs]), difference: values.number(), marginMicroNats: values.number(),
            matched: values.number(), fingerprint: values.bytes(), freshFingerprint: values.bytes()
        )
    }

    var generated: Gonka_V1_AuditResult {
        .with {
            $0.outcome = enumeration(outcome.rawValue)
            $0.difference = difference
            $0.marginMicroNats = marginMicroNats
            $0.matched = matched
            $0.fingerprint = Data(fingerprint)
            $0.freshFingerprint = Data(freshFingerprint)
        }
    }
}

extension MsgOpenItems: CrossChecked {
    static func random(_ values: inout RandomValues) -> MsgOpenItems {
        MsgOpenItems(
            operatorAccount: values.address(), host: values.address(), round: values.number(),
            entries: values.list(OpenedEntry.random)
        )
    }

    var generated: Gonka_V1_MsgOpenItems {
        .with {
            $0.operator = operatorAccount.bech32
            $0.host = host.bech32
            $0.round = round
            $0.entries = entries.map(\.generated)
        }
    }
}

extension OpenedEntry: CrossChecked {
    static func random(_ values: inout RandomValues) -> OpenedEntry {
        OpenedEntry(entry: values.number(), items: values.list(OpenedItem.random), proof: .random(&values))
    }

    var generated: Gonka_V1_OpenedEntry {
        .with {
            $0.entry = entry
            $0.items = items.map(\.generated)
            $0.proof = proof.generated
        }
    }
}

extension OpenedItem: CrossChecked {
    static func random(_ values: inout RandomValues) -> OpenedItem {
        OpenedItem(item: .random(&values), fingerprint: values.bytes(), salt: values.bytes())
    }

    var generated: Gonka_V1_OpenedItem {
        .with {
            $0.item = item.generated
            $0.fingerprint = Data(fingerprint)
            $0.salt = Data(salt)
        }
    }
}
