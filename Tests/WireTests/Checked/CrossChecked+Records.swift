import Foundation
import Messages
import Primitives
import ProtocolRules
import SwiftProtobuf

extension CheckedType {
    static let records: [any CrossChecked.Type] = [
        AccountRecord.self, SupplyRecord.self, ChainRecord.self, HostRecord.self, WeightRecord.self,
        SessionRecord.self, MemberRecord.self, RoundRecord.self, RoundTimetable.self, ClaimRecord.self,
        SessionPayment.self, StateRange.self, StateRangeQuery.self,
        StateRecord.self,
    ]
}

extension AccountRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> AccountRecord {
        AccountRecord(
            number: values.number(), sequence: values.number(), publicKey: values.bytes(), balance: values.amount())
    }

    var generated: Gonka_V1_AccountRecord {
        .with {
            $0.number = number
            $0.sequence = sequence
            $0.publicKey = Data(publicKey)
            $0.balance = balance.ngonka
        }
    }
}

extension SupplyRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> SupplyRecord {
        SupplyRecord(
            genesis: values.amount(), minted: values.amount(), burned: values.amount(), balances: values.amount(),
            bonds: values.amount(), deposits: values.amount(), pool: values.amount(), collateral: values.amount(),
            vesting: values.amount(), accounts: values.number())
    }

    var generated: Gonka_V1_SupplyRecord {
        .with {
            $0.genesis = genesis.ngonka
            $0.minted = minted.ngonka
            $0.burned = burned.ngonka
            $0.balances = balances.ngonka
            $0.bonds = bonds.ngonka
            $0.deposits = deposits.ngonka
            $0.pool = pool.ngonka
            $0.accounts = accounts
            $0.collateral = collateral.ngonka
            $0.vesting = vesting.ngonka
        }
    }
}

extension ChainRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> ChainRecord {
        ChainRecord(
            chainID: values.identifier(), genesisTimeMilliseconds: values.number(), height: values.number(),
            blockHash: values.hash())
    }

    var generated: Gonka_V1_ChainRecord {
        .with {
            $0.chainID = chainID
            $0.genesisTimeMilliseconds = genesisTimeMilliseconds
            $0.height = height
            $0.blockHash = Data(blockHash.bytes)
        }
    }

    static var fixedLengthFields: Set<UInt32> { [4] }
}

extension HostRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> HostRecord {
        var record = HostRecord(
            address: values.address(), url: values.text(), operatorKey: values.bytes(), consensusKey: values.bytes(),
            models: values.list { $0.identifier() }, bond: values.amount(), registeredHeight: values.number())
        record.state = values.one(of: [.active, .retiring, .retired])
        record.retiresAfterRound = values.number()
        (record.collateral, record.barredUntilEpoch) = (values.amount(), values.number())
        return record
    }

    var generated: Gonka_V1_HostRecord {
        .with {
            $0.address = Data(address.bytes)
            $0.url = url
            $0.operatorKey = Data(operatorKey)
            $0.consensusKey = Data(consensusKey)
            $0.models = models
            $0.bond = bond.ngonka
            $0.state = enumeration(state.rawValue)
            $0.registeredHeight = registeredHeight
            $0.retiresAfterRound = retiresAfterRound
            $0.collateral = collateral.ngonka
            $0.barredUntilEpoch = barredUntilEpoch
        }
    }

    static var fixedLengthFields: Set<UInt32> { [1] }
}

extension WeightRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> WeightRecord {
        WeightRecord(host: values.address(), weight: values.number())
    }

    var generated: Gonka_V1_WeightRecord {
        .with {
            $0.host = Data(host.bytes)
            $0.weight = weight
        }
    }

    static var fixedLengthFields: Set<UInt32> { [1] }
}

extension SessionRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> SessionRecord {
        var record = SessionRecord(
            id: values.number(), request: .random(&values), groupSize: values.number(), openedHeight: values.number(),
            expiryHeight: values.number(), prices: .random(&values), servingTaxPartsPerMillion: values.number())
        record.state = values.one(of: [.drawing, .open, .closing, .closed])
        record.members = values.list { $0.address() }
        record.closesAfterRound = values.number()
        (record.paid, record.refunded) = (values.amount(), values.amount())
        return record
    }

    var generated: Gonka_V1_SessionRecord {
        .with {
            $0.id = id
            $0.payer = Data(payer.bytes)
            $0.model = model
            $0.deposit = deposit.ngonka
            $0.sessionKey = Data(sessionKey)
            $0.groupSize = groupSize
            $0.allowedHosts = allowedHosts.map { Data($0.bytes) }
            $0.unproven = isUnproven
            if let keyHolder { $0.keyHolder = Data(keyHolder.bytes) }
            $0.state = enumeration(state.rawValue)
            $0.openedHeight = openedHeight
            $0.expiryHeight = expiryHeight
            $0.members = members.map { Data($0.bytes) }
            $0.prices = prices.generated
            $0.servingTaxPartsPerMillion = servingTaxPartsPerMillion
            $0.closesAfterRound = closesAfterRound
            $0.paid = paid.ngonka
            $0.refunded = refunded.ngonka
        }
    }

    static var fixedLengthFields: Set<UInt32> { [2, 7, 9, 13] }
}

extension MemberRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> MemberRecord {
        var record = MemberRecord(host: values.address(), allotment: values.amount())
        (record.settledFees, record.received) = (values.amount(), values.amount())
        (record.lastNumber, record.leaving) = (values.number(), values.amount())
        return record
    }

    var generated: Gonka_V1_MemberRecord {
        .with {
            $0.host = Data(host.bytes)
            $0.allotment = allotment.ngonka
            $0.settledFees = settledFees.ngonka
            $0.received = received.ngonka
            $0.lastNumber = lastNumber
            $0.leaving = leaving.ngonka
        }
    }

    static var fixedLengthFields: Set<UInt32> { [1] }
}

extension RoundRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> RoundRecord {
        var record = RoundRecord(
            id: values.number(), timetable: .random(&values), serial: values.number(), epoch: values.number(),
            terms: .random(&values), workSeed: values.optional { $0.hash() })
        record.settledHeight = values.number()
        record.isSettled = values.flag()
        (record.claims, record.settledClaims, record.paid) = (values.number(), values.number(), values.amount())
        return record
    }

    var generated: Gonka_V1_RoundRecord {
        .with {
            $0.id = id
            $0.timetable = timetable.generated
            $0.settled = isSettled
            $0.claims = claims
            $0.settledClaims = settledClaims
            $0.paid = paid.ngonka
            $0.serial = serial
            $0.epoch = epoch
            $0.terms = terms.generated
            if let workSeed { $0.workSeed = Data(workSeed.bytes) }
            $0.settledHeight = settledHeight
        }
    }

    static var fixedLengthFields: Set<UInt32> { [10] }
}

extension RoundTimetable: CrossChecked {
    static func random(_ values: inout RandomValues) -> RoundTimetable {
        let parameters = ProtocolParameters.random(&values)
        // All windows and draws together take fewer blocks than are left above the latest opening.
        let openingHeight = values.number(in: 1...(.max - 10_000_000))
        do throws(ArithmeticError) {
            return try RoundTimetable(
                openingHeight: openingHeight, kind: values.one(of: RoundKind.allCases), windows: parameters.rounds,
                beacon: parameters.beaconSchedule)
        } catch { preconditionFailure("the latest settlement still has a height") }
    }

    var generated: Gonka_V1_RoundTimetable {
        .with {
            $0.kind = enumeration(kind.rawValue)
            $0.firstHeights = RoundPhase.allCases.map { window($0).lowerBound }
        }
    }
}

extension StateRange: CrossChecked {
    static func random(_ values: inout RandomValues) -> StateRange {
        StateRange(records: values.list(StateRecord.random), hasMore: values.flag())
    }

    var generated: Gonka_V1_StateRange {
        .with {
            $0.records = records.map(\.generated)
            $0.hasMore_p = hasMore
        }
    }
}

extension StateRangeQuery: CrossChecked {
    static func random(_ values: inout RandomValues) -> StateRangeQuery {
        StateRangeQuery(prefix: values.bytes(), after: values.bytes())
    }

    var generated: Gonka_V1_StateRangeQuery {
        .with {
            $0.prefix = Data(prefix)
            $0.after = Data(position)
        }
    }
}

extension StateRecord: CrossChecked {
    static func random(_ values: inout RandomValues) -> StateRecord {
        StateRecord(key: values.bytes(), value: values.bytes())
    }

    var generated: Gonka_V1_StateRecord {
        .with {
            $0.key = Data(key)
            $0.value = Data(value)
        }
    }
}
