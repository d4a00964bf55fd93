import Cryptography
import Foundation
import Messages
import Primitives
import ProtocolRules
import SwiftProtobuf

extension CheckedType {
    static let economy: [any CrossChecked.Type] = [
        MsgDepositCollateral.self, MsgWithdrawCollateral.self, MsgReportMiss.self, MsgReportEquivocation.self,
        ClaimedLeaf.self, MissStatement.self, Signed<MissStatement>.self, HostPayout.self, EpochRecord.self,
        EmissionRecord.self, VestingRecord.self, WithdrawalRecord.self, OperatorKeyRecord.self, MissRecord.self,
        EquivocationRecord.self,
    ]
}

extension MsgDepositCollateral: CrossChecked {
    static func random(_ values: inout RandomValues) -> MsgDepositCollateral {
        MsgDepositCollateral(host: values.address(), amount: values.amount())
    }

    var generated: Gonka_V1_MsgDepositCollateral {
        .with {
            $0.host = host.bech32
            $0.amount = amount.ngonka
        }
    }
}

extension MsgWithdrawCollateral: CrossChecked {
    static func random(_ values: inout RandomValues) -> MsgWithdrawCollateral {
        MsgWithdrawCollateral(host: values.address(), amount: values.amount())
    }

    var generated: Gonka_V1_MsgWithdrawCollateral {
        .with {
            $0.host = host.bech32
            $0.amount = amount.ngonka
        }
    }
}

extension HostPayout: CrossChecked {
    static func random(_ values: inout RandomValues) -> HostPayout {
        HostPayout(
            weight: values.number(), confirmedPartsPerMillion: values.number(),
            confirmedWeight: values.number(), share: values.amount(), unconfirmed: values.amount(),
            undutiful: values.amount(), missed: values.amount(), withheld: values.amount(),
            convicted: values.amount(), paid: values.amount(), vestingEpochs: values.number())
    }

    var generated: Gonka_V1_HostPayout {
        .with {
            $0.weight = weight
            $0.confirmedPartsPerMillion = confirmedPartsPerMillion
            $0.confirmedWeight = confirmedWeight
            $0.share = share.ngonka
            $0.unconfirmed = unconfirmed.ngonka
            $0.undutiful = undutiful.ngonka
            $0.missed = missed.ngonka
            $0.withheld = withheld.ngonka
            $0.convicted = convicted.ngonka
            $0.paid = paid.ngonka
            $0.vestingEpochs = vestingEpochs
        }
    }
}

extension EpochRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> EpochRecord {
        EpochRecord(
            epoch: values.number(), emission: values.amount(), hosts: values.number(), weight: values.number(),
            confirmedWeight: values.number(), medianPartsPerMillion: values.number(), paid: values.amount(),
            pooled: values.amount(), isProven: values.flag(), sprint: values.number())
    }

    var generated: Gonka_V1_EpochRecord {
        .with {
            $0.epoch = epoch
            $0.emission = emission.ngonka
            $0.hosts = hosts
            $0.weight = weight
            $0.confirmedWeight = confirmedWeight
            $0.medianPartsPerMillion = medianPartsPerMillion
            $0.paid = paid.ngonka
            $0.pooled = pooled.ngonka
            $0.proven = isProven
            $0.sprint = sprint
        }
    }
}

extension EmissionRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> EmissionRecord {
        EmissionRecord(epoch: values.number(), rate: values.bytes())
    }

    var generated: Gonka_V1_EmissionRecord {
        .with {
            $0.epoch = epoch
            $0.rate = Data(rate)
        }
    }
}

extension VestingRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> VestingRecord {
        VestingRecord(account: values.address(), epoch: values.number(), amounts: values.list { $0.number() })
    }

    var generated: Gonka_V1_VestingRecord {
        .with {
            $0.account = Data(account.bytes)
            $0.epoch = epoch
            $0.amounts = amounts
        }
    }

    static var fixedLengthFields: Set<UInt32> { [1] }
}

extension WithdrawalRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> WithdrawalRecord {
        WithdrawalRecord(host: values.address(), epoch: values.number(), amount: values.amount())
    }

    var generated: Gonka_V1_WithdrawalRecord {
        .with {
            $0.host = Data(host.bytes)
            $0.epoch = epoch
            $0.amount = amount.ngonka
        }
    }

    static var fixedLengthFields: Set<UInt32> { [1] }
}

extension OperatorKeyRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> OperatorKeyRecord {
        OperatorKeyRecord(host: values.address(), fromHeight: values.number(), untilHeight: values.number())
    }

    var generated: Gonka_V1_OperatorKeyRecord {
        .with {
            $0.host = Data(host.bytes)
            $0.fromHeight = fromHeight
            $0.untilHeight = untilHeight
        }
    }

    static var fixedLengthFields: Set<UInt32> { [1] }
}

extension MissRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> MissRecord {
        MissRecord(
            session: values.number(), executor: values.address(), sequence: values.number(),
            height: values.number())
    }

    var generated: Gonka_V1_MissRecord {
        .with {
            $0.session = session
            $0.executor = Data(executor.bytes)
            $0.sequence = sequence
            $0.height = height
        }
    }

    static var fixedLengthFields: Set<UInt32> { [2] }
}

extension EquivocationRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> EquivocationRecord {
        EquivocationRecord(
            session: values.number(), executor: values.address(), number: values.number(),
            height: values.number(), slashed: values.amount())
    }

    var generated: Gonka_V1_EquivocationRecord {
        .with {
            $0.session = session
            $0.executor = Data(executor.bytes)
            $0.number = number
            $0.height = height
            $0.slashed = slashed.ngonka
        }
    }

    static var fixedLengthFields: Set<UInt32> { [2] }
}

extension MissStatement: CrossCheckedStatement {
    static func random(_ values: inout RandomValues) -> MissStatement {
        MissStatement(
            chainID: values.identifier(), witness: values.address(), voucherDigest: values.hash(),
            reason: values.one(of: MissReason.allCases))
    }

    var generated: Gonka_V1_MissStatement {
        .with {
            $0.chainID = chainID
            $0.witness = Data(witness.bytes)
            $0.voucherDigest = Data(voucherDigest.bytes)
            $0.reason = enumeration(reason.rawValue)
        }
    }

    static func signed(_ statement: Gonka_V1_MissStatement, _ signature: Data) -> Gonka_V1_SignedMissStatement {
        .with {
            $0.statement = statement
            $0.signature = signature
        }
    }

    static var fixedLengthFields: Set<UInt32> { [2, 3] }
}

extension MsgReportMiss: CrossChecked {
    static func random(_ values: inout RandomValues) -> MsgReportMiss {
        MsgReportMiss(
            reporter: values.address(), round: values.number(), voucher: .random(&values),
            statements: values.list(Signed<MissStatement>.random))
    }

    var generated: Gonka_V1_MsgReportMiss {
        .with {
            $0.reporter = reporter.bech32
            $0.round = round
            $0.voucher = voucher.generated
            $0.statements = statements.map(\.generated)
        }
    }
}

extension MsgReportEquivocation: CrossChecked {
    static func random(_ values: inout RandomValues) -> MsgReportEquivocation {
        MsgReportEquivocation(
            reporter: values.address(), receipt: .random(&values),
            otherReceipt: values.optional(Signed<Receipt>.random), leaf: values.optional(ClaimedLeaf.random))
    }

    var generated: Gonka_V1_MsgReportEquivocation {
        .with {
            $0.reporter = reporter.bech32
            $0.receipt = receipt.generated
            if let otherReceipt { $0.otherReceipt = otherReceipt.generated }
            if let leaf { $0.leaf = leaf.generated }
        }
    }
}

extension ClaimedLeaf: CrossChecked {
    static func random(_ values: inout RandomValues) -> ClaimedLeaf {
        ClaimedLeaf(round: values.number(), entry: values.number(), item: .random(&values), proof: .random(&values))
    }

    var generated: Gonka_V1_ClaimedLeaf {
        .with {
            $0.round = round
            $0.entry = entry
            $0.item = item.generated
            $0.proof = proof.generated
        }
    }
}
