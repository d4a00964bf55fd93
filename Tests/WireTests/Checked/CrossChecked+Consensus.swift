import Cryptography
import Foundation
import Messages
import Primitives
import ProtocolRules
import SwiftProtobuf

extension CheckedType {
    static let consensus: [any CrossChecked.Type] = [
        ConsensusKeyRecord.self, AbsenceRecord.self, AbsentPowerRecord.self,
    ]
}

extension ConsensusKeyRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> ConsensusKeyRecord {
        ConsensusKeyRecord(
            host: values.address(), fromHeight: values.number(), untilHeight: values.number(),
            convictedHeight: values.number())
    }

    var generated: Gonka_V1_ConsensusKeyRecord {
        .with {
            $0.host = Data(host.bytes)
            $0.fromHeight = fromHeight
            $0.untilHeight = untilHeight
            $0.convictedHeight = convictedHeight
        }
    }

    static var fixedLengthFields: Set<UInt32> { [1] }
}

extension AbsenceRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> AbsenceRecord {
        var record = AbsenceRecord(host: values.address(), awaySince: values.number())
        record.height = values.number()
        record.blocks = values.bytes()
        return record
    }

    var generated: Gonka_V1_AbsenceRecord {
        .with {
            $0.host = Data(host.bytes)
            $0.height = height
            $0.blocks = Data(blocks)
            $0.awaySince = awaySince
        }
    }

    static var fixedLengthFields: Set<UInt32> { [1] }
}

extension AbsentPowerRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> AbsentPowerRecord {
        AbsentPowerRecord(
            epoch: values.number(), hosts: values.list { $0.address() }, powers: values.list { $0.number() })
    }

    var generated: Gonka_V1_AbsentPowerRecord {
        .with {
            $0.epoch = epoch
            $0.hosts = hosts.map { Data($0.bytes) }
            $0.powers = powers
        }
    }

    static var fixedLengthFields: Set<UInt32> { [2] }
}
