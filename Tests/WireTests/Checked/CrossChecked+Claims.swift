import Cryptography
import Foundation
import Messages
import Primitives
import SwiftProtobuf

extension MsgCommitClaim: CrossChecked {
    static func random(_ values: inout RandomValues) -> MsgCommitClaim {
        MsgCommitClaim(
            operatorAccount: values.address(), host: values.address(), round: values.number(),
            entries: values.list(ClaimEntry.random))
    }

    var generated: Gonka_V1_MsgCommitClaim {
        .with {
            $0.operator = operatorAccount.bech32
            $0.host = host.bech32
            $0.round = round
            $0.entries = entries.map(\.generated)
        }
    }
}

extension ClaimEntry: CrossChecked {
    static func random(_ values: inout RandomValues) -> ClaimEntry {
        ClaimEntry(
            model: values.identifier(), root: values.hash(), count: values.number(), tokens: values.number(),
            fee: values.amount(), sessions: values.list(SessionClaim.random))
    }

    var generated: Gonka_V1_ClaimEntry {
        .with {
            $0.model = model
            $0.root = Data(root.bytes)
            $0.count = count
            $0.tokens = tokens
            $0.fee = fee.ngonka
            $0.sessions = sessions.map(\.generated)
        }
    }

    static var fixedLengthFields: Set<UInt32> { [2] }
}

extension SessionClaim: CrossChecked {
    static func random(_ values: inout RandomValues) -> SessionClaim {
        SessionClaim(
            session: values.number(), firstNumber: values.number(), count: values.number(), fee: values.amount(),
            voucher: .random(&values))
    }

    var generated: Gonka_V1_SessionClaim {
        .with {
            $0.session = session
            $0.firstNumber = firstNumber
            $0.count = count
            $0.fee = fee.ngonka
            $0.voucher = voucher.generated
        }
    }
}

extension ClaimRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> ClaimRecord {
        var record = ClaimRecord(
            host: values.address(), round: values.number(), committedHeight: values.number(),
            entries: values.list(ClaimEntry.random))
        record.state = values.one(of: [.committed, .settled, .parked, .void])
        record.payments = values.list(SessionPayment.random)
        (record.auditRound, record.carries) = (values.number(), values.number())
        record.outcomes = values.list(EntryOutcome.random)
        return record
    }

    var generated: Gonka_V1_ClaimRecord {
        .with {
            $0.host = Data(host.bytes)
            $0.round = round
            $0.committedHeight = committedHeight
            $0.entries = entries.map(\.generated)
            $0.state = enumeration(state.rawValue)
            $0.payments = payments.map(\.generated)
            $0.auditRound = auditRound
            $0.carries = carries
            $0.outcomes = outcomes.map(\.generated)
        }
    }

    static var fixedLengthFields: Set<UInt32> { [1] }
}

extension SessionPayment: CrossChecked {
    static func random(_ values: inout RandomValues) -> SessionPayment {
        SessionPayment(
            session: values.number(), fee: values.amount(), received: values.amount(), tax: values.amount())
    }

    var generated: Gonka_V1_SessionPayment {
        .with {
            $0.session = session
            $0.fee = fee.ngonka
            $0.received = received.ngonka
            $0.tax = tax.ngonka
        }
    }
}
