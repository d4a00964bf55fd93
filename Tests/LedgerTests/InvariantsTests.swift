import Cryptography
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import StateStore
import TestSupport
import Testing
import WireFormat

@testable import Ledger

/// The checks that all other tests lean on: each must find the fault that it is there for.
@Suite("Recounting finds what is wrong")
struct InvariantsTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let make: @Sendable (inout ExecutionContext) throws -> Void

        init(_ name: String, _ make: @escaping @Sendable (inout ExecutionContext) throws -> Void) {
            (testDescription, self.make) = (name, make)
        }

        /// A change to one record.
        static func record<Record: CanonicalMessage>(
            _ name: String, _ type: Record.Type, _ key: Bytes, _ change: @escaping @Sendable (inout Record) -> Void
        ) -> Fault {
            Fault(name) { context in
                var record = try context.expect(type, at: key)
                change(&record)
                context.write(record, at: key)
            }
        }
    }

    private static let host = TestHost("0")
    private static let account = TestAccount("0").address
    private static let consensusKey = StateKey.consensusKey(host.consensusKey.publicKey.address)

    /// Session 1 is open, 2 is closing, host 1 is leaving, a claim waits in round 1, round 0 does not exist.
    private static func scene() throws -> ExecutionContext {
        let ledger = try TestLedger()
        let payer = ledger.accounts[0]
        for _ in 0..<2 { try #require(try ledger.openSession(by: payer, deposit: Amount(3_000_000_000)) != nil) }
        try ledger.run(MsgCloseSession(payer: payer.address, session: 2), by: payer)
        try ledger.run(MsgRetireHost(host: ledger.hosts[1].address), by: ledger.hosts[1].account)
        try ledger.advanceToCommit(of: 1)
        let part = SessionClaim(
            session: 1, firstNumber: 1, count: 1, fee: Amount(5),
            voucher: ledger.voucher(session: 1, executor: host.address, amount: Amount(9), by: payer))
        let claim = ledger.claim(host, round: 1, sessions: [part])
        try #require(try ledger.run(claim, by: host.operatorAccount, fee: .zero).isAccepted)
        try ledger.app.audit()
        return try ExecutionContext.next(over: ledger.app.state, height: 99, hash: .zero, parentHash: .zero)
    }

    /// The first serving round; the first round is the first epoch's sprint.
    private static let serving: UInt64 = 2

    private static let faults: [Fault] = [
        Fault("a purse with a coin too many") { $0.supply.pool = Amount(1) },
        Fault("more burned than there was") { $0.supply.burned = Amount(.max) },
        .record("a balance with a coin too many", AccountRecord.self, StateKey.account(account)) { record in
            record.balance = Amount(record.balance.ngonka + 1)
        },
        Fault("an account that nobody counted") {
            $0.write(AccountRecord(number: 99), at: StateKey.account(TestAccount("x").address))
        },
        .record("a smaller bond", HostRecord.self, StateKey.host(host.address)) { $0.bond = Amount(1) },
        .record("a retired host with a bond", HostRecord.self, StateKey.host(host.address)) { $0.state = .retired },
        Fault("a withdrawal that no conviction would find") {
            $0.write(
                WithdrawalRecord(host: host.address, epoch: 9, amount: .zero),
                at: StateKey.withdrawal(epoch: 9, host: host.address))
        },
        .record("an active host that is to retire", HostRecord.self, StateKey.host(TestHost("1").address)) {
            $0.state = .active
        },
        .record("a host that never retires", HostRecord.self, StateKey.host(TestHost("1").address)) {
            $0.retiresAfterRound += 1
        },
        .record("a host that is not listed", HostRecord.self, StateKey.host(host.address)) { $0.models = [] },
        .record("a consensus key of two hosts", ConsensusKeyRecord.self, consensusKey) { $0.host = account },
        .record("a consensus key that is free", ConsensusKeyRecord.self, consensusKey) { $0.untilHeight = 3 },
        .record("a power that consensus does not know", ValidatorRecord.self, StateKey.validator(host.address)) {
            $0.power -= 1
        },
        .record("power withheld from who is there", ValidatorRecord.self, StateKey.validator(host.address)) {
            $0.withheld = 1
        },
        Fault("a validator whom no host is") {
            $0.state.write(.bigEndian(1), for: StateKey.consensusValidator(Bytes(repeating: 1, count: 32)))
        },
        Fault("power of who left") {
            let left = TestHost("1").address
            $0.write(ValidatorRecord(host: left, power: 1), at: StateKey.validator(left))
        },
        Fault("absences that are none") {
            $0.write(AbsenceRecord(host: host.address), at: StateKey.absence(host.address))
        },
        Fault("a listing of somebody else") {
            let key = StateKey.weight(model: "test-model", host: host.address)
            $0.write(WeightRecord(host: account, weight: 1), at: key)
        },
        .record("a deposit with a coin too many", SessionRecord.self, StateKey.session(1)) { record in
            record.deposit = Amount(record.deposit.ngonka + 1)
        },
        .record("more refunded than there is", SessionRecord.self, StateKey.session(1)) { $0.refunded = Amount(.max) },
        .record("an allotment above the deposit", MemberRecord.self, StateKey.member(session: 1, host: host.address)) {
            $0.allotment = Amount(3_000_000_000)
        },
        .record("fees above the allotment", MemberRecord.self, StateKey.member(session: 1, host: host.address)) {
            $0.settledFees = Amount(3_000_000_000)
        },
        .record("a payment that no session made", MemberRecord.self, StateKey.member(session: 1, host: host.address)) {
            ($0.settledFees, $0.received) = (Amount(1), Amount(1))
        },
        .record("a session without its expiry", SessionRecord.self, StateKey.session(1)) { $0.expiryHeight += 1 },
        .record("a session without its closing", SessionRecord.self, StateKey.session(2)) { $0.closesAfterRound += 1 },
        .record("a closed session with a timer", SessionRecord.self, StateKey.session(2)) { record in
            (record.state, record.refunded) = (.closed, record.deposit)
        },
        .record("a claim that nobody counted", RoundRecord.self, StateKey.round(serving)) { $0.claims = 0 },
        .record("a claim settled twice", RoundRecord.self, StateKey.round(serving)) { $0.settledClaims = 1 },
        .record("a round settled too early", RoundRecord.self, StateKey.round(serving)) { $0.isSettled = true },
        .record("a payment that no claim got", RoundRecord.self, StateKey.round(serving)) { $0.paid = Amount(1) },
        .record("a claim out of the queue", ClaimRecord.self, StateKey.claim(round: serving, host: host.address)) {
            $0.state = .settled
        },
        .record("a claim of somebody else", ClaimRecord.self, StateKey.claim(round: serving, host: host.address)) {
            $0.host = account
        },
        Fault("a place in the queue for somebody else") {
            $0.state.write(
                account.bytes, for: RoundsKeys.settlement(auditRound: serving, round: serving, host: host.address))
        },
        Fault("a claim of no round") { context in
            let key = StateKey.claim(round: serving, host: host.address)
            context.write(try context.expect(ClaimRecord.self, at: key), at: StateKey.claim(round: 9, host: account))
        },
        Fault("a claim paid by no session") { try pay(5, tax: 1, in: &$0) },
        .record("a session that paid what no claim got", SessionRecord.self, StateKey.session(1)) { record in
            (record.paid, record.refunded) = (Amount(7), .zero)
            record.deposit = Amount(record.deposit.ngonka + 7)
        },
        .record("an open session without members", SessionRecord.self, StateKey.session(1)) { $0.members = [] },
        Fault("a member of no session") {
            $0.write(MemberRecord(host: account, allotment: .zero), at: StateKey.member(session: 9, host: account))
        },
        Fault("a session of no payer") { context in
            context.state.delete(SessionsKeys.byPayer(account, session: 1))
        },
        .record("a part that leaves unmoved", MemberRecord.self, StateKey.member(session: 1, host: host.address)) {
            $0.leaving = Amount(1)
        },
        Fault("a move of nobody") {
            let move = AllotmentMove(from: account, to: host.address, amount: Amount(1))
            $0.write(move, at: SessionsKeys.allotmentMove(round: 9, session: 1, from: account, to: host.address))
        },
        Fault("an empty record") { $0.state.write([], for: StateKey.chain) },
        Fault("a record that does not decode") { $0.state.write([1], for: StateKey.session(1)) },
    ]

    /// Settles the one claim with a payment that neither session nor purse knows of.
    private static func pay(_ received: UInt64, tax: UInt64, in context: inout ExecutionContext) throws {
        let key = StateKey.claim(round: serving, host: host.address)
        var claim = try context.expect(ClaimRecord.self, at: key)
        claim.state = .settled
        claim.payments = [SessionPayment(session: 1, fee: Amount(5), received: Amount(received), tax: Amount(tax))]
        context.write(claim, at: key)
        context.state.delete(RoundsKeys.settlement(auditRound: serving, round: serving, host: host.address))
        var round = try context.expect(RoundRecord.self, at: StateKey.round(serving))
        (round.settledClaims, round.paid) = (1, Amount(received + tax))
        context.write(round, at: StateKey.round(serving))
    }

    @Test("A sound state passes, one with a fault does not", arguments: faults)
    func finds(_ fault: Fault) throws {
        var context = try Self.scene()
        #expect(throws: Never.self) { try LedgerAudit.run(in: context) }
        try fault.make(&context)
        #expect(throws: LedgerError.self) { try LedgerAudit.run(in: context) }
    }

    @Test("A supply that does not add up stops the node before the block is answered")
    func stopsBlocks() throws {
        let storage = MemoryStorage()
        let app = try LedgerApp(storage: storage)
        _ = try app.initChain(TestLedgerPlan().request)
        let sound = try #require(storage.state)
        var supply = try SupplyRecord.decode(sound.tree.value(for: StateKey.supply) ?? [])
        supply.pool = Amount(1)
        let tree = sound.tree.applying([StateChange(key: StateKey.supply, value: supply.encoded())])
        let broken = try LedgerApp(
            storage: MemoryStorage(StoredState(chainID: sound.chainID, height: 0, tree: tree)))
        let block = OrderedBlock(
            height: 1, timeMilliseconds: 0, hash: .zero, parentHash: .zero, transactions: [])
        #expect(throws: ApplicationFailure.self) { try broken.finalizeBlock(block) }
        #expect(throws: ApplicationFailure.self) { try broken.audit() }
    }
}
