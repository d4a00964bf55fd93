import Cryptography
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import TestSupport
import Testing
import WireFormat

@testable import Ledger

@Suite("Reports of misses and equivocations")
struct EvidenceTests {
    private let ledger: TestLedger
    private let payer: TestAccount
    private let host: TestHost

    init() throws {
        ledger = try TestLedger()
        ledger.duties = nil
        payer = ledger.accounts[0]
        host = ledger.hosts[0]
        try #require(try ledger.openSession(by: payer, deposit: Amount(3_000_000_000)) != nil)
    }

    private func missed() throws -> UInt64 {
        let epoch = ledger.parameters.epochSchedule.index(at: ledger.height)
        let record = try ledger.record(HostEpochRecord.self, at: StateKey.hostEpoch(epoch, host: host.address))
        return record?.requestsMissed ?? 0
    }

    private func report(_ message: any LedgerMessage) throws -> Refusal? { try ledger.run(message, by: payer).refusal }

    private func record(_ round: UInt64) throws -> RoundRecord { try #require(try ledger.roundRecord(round)) }

    @Test("A miss that both witnesses signed counts, once")
    func countsOnce() throws {
        let message = try ledger.miss(executor: host, by: payer)
        #expect(try report(message) == nil)
        #expect(try missed() == 1)
        #expect(try report(message) == Refusal("economy", 4))
        #expect(try missed() == 1)
    }

    @Test("A session counts a bounded number of misses of one executor")
    func boundsAccusations() throws {
        let reports = try (1...65 as ClosedRange<UInt64>).map {
            try ledger.sign([ledger.miss(executor: host, sequence: $0, by: payer)], by: payer)
        }
        let results = try ledger.block(reports).transactionResults
        #expect(results.dropLast().allSatisfy { $0.isAccepted })
        #expect(results.last?.refusal == Refusal("economy", 8))
        #expect(try missed() == 64)
    }

    @Test("Who picked the group cannot accuse with it")
    func refusesPickedWitnesses() throws {
        let message = MsgOpenSession(
            payer: payer.address, model: ledger.model, deposit: Amount(3_000_000_000),
            sessionKey: payer.key.publicKey.compressed, allowedHosts: ledger.hosts.map(\.address).sorted())
        try #require(try ledger.run(message, by: payer).isAccepted)
        try ledger.block()
        let session = try ledger.lastSessionID()
        let miss = try ledger.miss(session: session, executor: host, by: payer)
        #expect(try report(miss) == Refusal("economy", 3))
    }

    @Test("A miss needs the drawn witnesses, both, in their order, and of one mind")
    func needsBothWitnesses() throws {
        let message = try ledger.miss(executor: host, by: payer)
        var changed = message
        changed.statements.reverse()
        #expect(try report(changed) == Refusal("economy", 3))
        changed.statements = [message.statements[0]]
        #expect(try report(changed) == Refusal("economy", 3))
        changed.statements = [message.statements[0], message.statements[0]]
        #expect(try report(changed) == Refusal("economy", 3))
        changed = message
        changed.statements[1].statement.reason = .load
        #expect(try report(changed) == Refusal("economy", 3))
        changed = message
        changed.statements[1].signature = message.statements[0].signature
        #expect(try report(changed) == Refusal("economy", 3))
        changed = message
        changed.voucher.signature = message.statements[0].signature
        #expect(try report(changed) == Refusal("economy", 3))
        changed = message
        changed.round += 1
        #expect(try report(changed).map { ["rounds", "economy"].contains($0.codespace) } == true)
        #expect(try missed() == 0)
        #expect(try report(message) == nil)
    }

    @Test("A miss cannot be reported when its round has settled")
    func comesInTime() throws {
        let message = try ledger.miss(executor: host, by: payer)
        try ledger.settle(record(message.round).serial)
        #expect(try report(message) == Refusal("economy", 5))
    }

    @Test("A refusal for load is a miss once the round is claimed, unless half of the proven rate was")
    func weighsLoad() throws {
        let message = try ledger.miss(executor: host, reason: .load, by: payer)
        let busy = try ledger.miss(executor: ledger.hosts[1], reason: .load, by: payer)
        #expect(try report(message) == Refusal("economy", 5))
        let round = try record(message.round)
        try ledger.advanceToCommit(of: round.serial)
        // A weight of 100 in a sprint of 8 blocks is 187 tokens in 15: ten items of 16 are more than half.
        let part = SessionClaim(
            session: 1, firstNumber: 1, count: 10, fee: Amount(3),
            voucher: ledger.voucher(
                session: 1, executor: ledger.hosts[1].address, amount: Amount(9), sequence: 9, by: payer))
        let claim = ledger.claim(ledger.hosts[1], round: round.serial, sessions: [part])
        try #require(try ledger.run(claim, by: ledger.hosts[1].operatorAccount, fee: .zero).isAccepted)
        try ledger.advance(to: round.timetable.window(.commit).upperBound)
        #expect(try report(busy) == Refusal("economy", 6))
        #expect(try report(message) == nil)
        #expect(try missed() == 1)
    }

    @Test("Two receipts for one place that differ are slashed, once")
    func slashesOnce() throws {
        let message = try ledger.equivocation(by: host, reporter: payer)
        let pool = try ledger.supply.pool
        #expect(try report(message) == nil)
        let slashed = try ledger.supply.pool.subtracting(pool)
        #expect(slashed == Amount(ledger.parameters.economy.hostBondNgonka / 5))
        #expect(try report(message) == Refusal("economy", 4))
        #expect(try ledger.supply.pool.subtracting(pool) == slashed)
    }

    @Test("Who has left is slashed too, of what is on its way back")
    func slashesWhoLeft() throws {
        let message = try ledger.equivocation(by: host, reporter: payer)
        try ledger.run(MsgRetireHost(host: host.address), by: host.account)
        while try ledger.host(host.address)?.state != .retired { try ledger.block() }
        let bond = Amount(ledger.parameters.economy.hostBondNgonka)
        #expect(try ledger.leaving(of: host.address) == bond)
        #expect(try report(message) == nil)
        #expect(try ledger.leaving(of: host.address).ngonka == bond.ngonka / 5 * 4)
        #expect(try report(message) == Refusal("economy", 4))
        var stranger = message
        stranger.receipt.statement.executor = payer.address
        #expect(try report(stranger) == Refusal("hosts", 7))
    }

    @Test("Receipts that say the same, for other places, or by another key are no equivocation")
    func refusesHarmlessReceipts() throws {
        let message = try ledger.equivocation(by: host, reporter: payer)
        var changed = message
        changed.otherReceipt = message.receipt
        #expect(try report(changed) == Refusal("economy", 3))
        changed.otherReceipt = try ledger.equivocation(by: host, number: 2, reporter: payer).otherReceipt
        #expect(try report(changed) == Refusal("economy", 3))
        changed.otherReceipt = nil
        #expect(try report(changed) == Refusal("economy", 3))
        let item = message.receipt.statement.item
        changed.otherReceipt = try ledger.receipt(
            host, item: item, answer: "forged", key: ledger.hosts[1].operatorAccount)
        #expect(try report(changed) == Refusal("economy", 3))
        changed = message
        changed.receipt.signature[0] ^= 1
        #expect(try report(changed) == Refusal("economy", 3))
    }

    @Test("A rotated key still answers for the receipts of its time, and not for later ones")
    func remembersRotatedKeys() throws {
        let message = try ledger.equivocation(by: host, reporter: payer)
        let key = ledger.accounts[2]
        try ledger.run(
            MsgRotateOperatorKey(host: host.address, operatorKey: key.key.publicKey.compressed), by: host.account)
        let round = message.receipt.statement.round
        while try ledger.servingRoundID(at: ledger.height) == round { try ledger.block() }
        let late = try ledger.equivocation(by: host, number: 2, reporter: payer)
        #expect(try report(late) == Refusal("economy", 3))
        #expect(try report(message) == nil)
    }

    @Test("A receipt is too old to punish when collateral of its time may be gone")
    func forgetsOldReceipts() throws {
        let message = try ledger.equivocation(by: host, reporter: payer)
        let heights = try ledger.parameters.epochSchedule.heights(of: 3)
        ledger.audits = false
        try ledger.advance(to: heights.lowerBound)
        #expect(try report(message) == Refusal("economy", 5))
    }

    @Test("A receipt and the claimed leaf at its place that differ are slashed")
    func holdsLeavesAgainstReceipts() throws {
        let items = (1...2 as ClosedRange<UInt64>).map {
            SimulatedItem.serving(session: 1, number: $0, fee: Amount(3), host: host.address, model: ledger.model)
        }
        let entry = try SimulatedEntry(items)
        let honest = try ledger.receipt(host, item: items[1].item)
        var other = items[1].item
        other.outputDigest = .sha256(utf8: "something else")
        let receipt = try ledger.receipt(host, item: other)
        let round = honest.statement.round
        try ledger.advanceToCommit(of: record(round).serial)
        let part = SessionClaim(
            session: 1, firstNumber: 1, count: 2, fee: Amount(6),
            voucher: ledger.voucher(session: 1, executor: host.address, amount: Amount(9), by: payer))
        let claim = MsgCommitClaim(
            operatorAccount: host.operatorAccount.address, host: host.address, round: round,
            entries: [entry.entry(model: ledger.model, sessions: [part])])
        try #require(try ledger.run(claim, by: host.operatorAccount, fee: .zero).isAccepted)
        let proof = try #require(entry.tree.proof(at: 1))
        let leaf = ClaimedLeaf(round: round, entry: 0, item: items[1].item, proof: proof)
        func against(_ receipt: Signed<Receipt>, _ leaf: ClaimedLeaf) -> MsgReportEquivocation {
            MsgReportEquivocation(reporter: payer.address, receipt: receipt, leaf: leaf)
        }
        #expect(try report(against(honest, leaf)) == Refusal("economy", 3))
        var wrong = leaf
        wrong.item = items[0].item
        #expect(try report(against(receipt, wrong)) == Refusal("economy", 3))
        #expect(try report(against(receipt, leaf)) == nil)
    }
}
