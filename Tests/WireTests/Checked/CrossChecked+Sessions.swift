import Cryptography
import Foundation
import Messages
import Primitives
import SwiftProtobuf

extension MsgOpenSession: CrossChecked {
    static func random(_ values: inout RandomValues) -> MsgOpenSession {
        MsgOpenSession(
            payer: values.address(), model: values.identifier(), deposit: values.amount(), sessionKey: values.bytes(),
            groupSize: values.number(), expiryEpochs: values.number(), allowedHosts: values.list { $0.address() },
            isUnproven: values.flag(), keyHolder: values.optional { $0.address() })
    }

    var generated: Gonka_V1_MsgOpenSession {
        .with {
            $0.payer = payer.bech32
            $0.model = model
            $0.deposit = deposit.ngonka
            $0.sessionKey = Data(sessionKey)
            $0.groupSize = groupSize
            $0.expiryEpochs = expiryEpochs
            $0.allowedHosts = allowedHosts.map(\.bech32)
            $0.unproven = isUnproven
            if let keyHolder { $0.keyHolder = keyHolder.bech32 }
        }
    }
}

extension MsgTopUpSession: CrossChecked {
    static func random(_ values: inout RandomValues) -> MsgTopUpSession {
        MsgTopUpSession(
            payer: values.address(), session: values.number(), amount: values.amount(),
            moves: values.list(AllotmentMove.random))
    }

    var generated: Gonka_V1_MsgTopUpSession {
        .with {
            $0.payer = payer.bech32
            $0.session = session
            $0.amount = amount.ngonka
            $0.moves = moves.map(\.generated)
        }
    }
}

extension AllotmentMove: CrossChecked {
    static func random(_ values: inout RandomValues) -> AllotmentMove {
        AllotmentMove(from: values.address(), to: values.address(), amount: values.amount())
    }

    var generated: Gonka_V1_AllotmentMove {
        .with {
            $0.from = from.bech32
            $0.to = to.bech32
            $0.amount = amount.ngonka
        }
    }
}

extension MsgCloseSession: CrossChecked {
    static func random(_ values: inout RandomValues) -> MsgCloseSession {
        MsgCloseSession(payer: values.address(), session: values.number())
    }

    var generated: Gonka_V1_MsgCloseSession {
        .with {
            $0.payer = payer.bech32
            $0.session = session
        }
    }
}
