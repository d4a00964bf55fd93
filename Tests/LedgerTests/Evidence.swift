import Cryptography
import Messages
import Primitives
import ProtocolRules
import TestSupport
import Testing
import WireFormat

/// Reports as gateways would make them, from a ledger's own records.
extension TestLedger {
    /// A request that the drawn witnesses saw unanswered, sent at the last block's height.
    func miss(
        session: UInt64 = 1, executor: TestHost, sequence: UInt64 = 1, reason: MissReason = .silence,
        by payer: TestAccount
    ) throws -> MsgReportMiss {
        let signed = voucher(
            session: session, executor: executor.address, amount: Amount(5), sequence: sequence, by: payer)
        let interval = parameters.beaconSchedule.index(at: signed.statement.height)
        let seed = try #require(
            try record(BeaconSeedRecord.self, at: StateKey.beaconSeed(interval - 1))
        ).seed
        let members = try #require(try self.session(session)).members.filter { $0 != executor.address }
        let witnesses = Draw.witness(session: session, sequence: sequence).pick(
            2, from: DrawEntries(members.map { DrawEntry(address: $0, weight: 1) }), seed: seed)
        let statements = try witnesses.map { witness in
            let host = try #require(hosts.first { $0.address == witness })
            let statement = MissStatement(
                chainID: TestLedger.chainID, witness: witness, voucherDigest: .sha256(signed.statement.encoded()),
                reason: reason)
            return Signed(statement, by: host.operatorAccount.key)
        }
        return MsgReportMiss(
            reporter: payer.address, round: try servingRoundID(at: signed.statement.height), voucher: signed,
            statements: statements)
    }

    /// The serving round whose work window holds a height.
    func servingRoundID(at height: UInt64) throws -> UInt64 {
        for id in 1..<UInt64(1_000) {
            guard let round = try roundRecord(id) else { continue }
            if round.timetable.kind == .serving, round.timetable.window(.work).contains(height) { return id }
        }
        return 0
    }

    /// An executor's receipt for an item of the round that is at work.
    func receipt(
        _ host: TestHost, item: WorkItem, answer: String = "answer", key: TestAccount? = nil
    ) throws -> Signed<Receipt> {
        let key = key ?? host.operatorAccount
        let receipt = Receipt(
            chainID: TestLedger.chainID, executor: host.address, operatorKey: key.key.publicKey.compressed,
            round: try servingRoundID(at: height), item: item, answerDigest: .sha256(utf8: answer), isUnproven: false)
        return Signed(receipt, by: key.key)
    }

    /// Two receipts of one place that differ in the answer.
    func equivocation(
        by host: TestHost, session: UInt64 = 1, number: UInt64 = 1, reporter: TestAccount
    ) throws -> MsgReportEquivocation {
        let item = SimulatedItem.serving(
            session: session, number: number, fee: Amount(3), host: host.address, model: model
        ).item
        return MsgReportEquivocation(
            reporter: reporter.address, receipt: try receipt(host, item: item),
            otherReceipt: try receipt(host, item: item, answer: "another answer"))
    }
}
