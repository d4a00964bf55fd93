import Messages
import Primitives
import ProtocolRules
import TestSupport
import Testing

@testable import Ledger

@Suite("Collateral comes, waits and goes")
struct CollateralTests {
    private let ledger: TestLedger
    private let host: TestHost

    init() throws {
        ledger = try TestLedger()
        ledger.duties = nil
        host = ledger.hosts[0]
    }

    private func collateral() throws -> Amount? {
        try ledger.record(HostRecord.self, at: StateKey.host(host.address))?.collateral
    }

    @discardableResult
    private func deposit(_ ngonka: UInt64) throws -> Refusal? {
        try ledger.run(MsgDepositCollateral(host: host.address, amount: Amount(ngonka)), by: host.account).refusal
    }

    @discardableResult
    private func withdraw(_ ngonka: UInt64) throws -> Refusal? {
        try ledger.run(MsgWithdrawCollateral(host: host.address, amount: Amount(ngonka)), by: host.account).refusal
    }

    @Test("A deposit is in force at once")
    func depositsAtOnce() throws {
        try deposit(700)
        try deposit(300)
        #expect(try collateral() == Amount(1_000) && ledger.supply.collateral == Amount(1_000))
    }

    @Test("A withdrawal is paid out after a whole epoch more")
    func withdrawsAfterAnEpoch() throws {
        try deposit(1_000)
        let epoch = ledger.parameters.epochSchedule.index(at: ledger.height + 1)
        try withdraw(400)
        try withdraw(200)
        #expect(try collateral() == Amount(400) && ledger.supply.collateral == Amount(1_000))
        let before = try ledger.balance(of: host.address)
        let due = try ledger.parameters.epochSchedule.heights(of: epoch + 2).lowerBound
        try ledger.advance(to: due - 1)
        #expect(try ledger.balance(of: host.address) == before)
        try ledger.block()
        #expect(try ledger.balance(of: host.address) == before.adding(Amount(600)))
        #expect(try ledger.supply.collateral == Amount(400))
    }

    @Test("Nothing, more than there is, and what others have is refused")
    func refusesWrongAmounts() throws {
        try deposit(10)
        #expect(try deposit(0) == Refusal("economy", 1))
        #expect(try withdraw(0) == Refusal("economy", 1))
        #expect(try withdraw(11) == Refusal("economy", 2))
        #expect(try deposit(.max) == Refusal("sdk", 5))
        #expect(try collateral() == Amount(10))
    }

    @Test("A conviction takes a fifth of all that was put down, what is leaving too")
    func slashesEverything() throws {
        try deposit(1_000)
        try withdraw(500)
        let pool = try ledger.supply.pool
        var context = try ExecutionContext.next(
            over: ledger.app.state, height: ledger.height + 1, hash: .zero, parentHash: .zero)
        let slashed = try Conviction.slash(host.address, in: &context)
        let bond = ledger.parameters.economy.hostBondNgonka
        #expect(slashed == Amount(bond / 5 + 100 + 100))
        #expect(try context.supply.pool.subtracting(pool) == slashed && context.supply.collateral == Amount(800))
        try EconomyInvariants.recount(in: context)
        try HostsInvariants.recount(in: context)
    }

    @Test("A conviction ends power and weight at once, and claims until the next epoch")
    func convictionTakesEffect() throws {
        var context = try ExecutionContext.next(
            over: ledger.app.state, height: ledger.height + 1, hash: .zero, parentHash: .zero)
        let epoch = ledger.parameters.epochSchedule.index(at: ledger.height + 1)
        let validator = StateKey.validator(host.address)
        #expect(try context.expect(ValidatorRecord.self, at: validator).power > 0)
        #expect(try HostsReads.weight(of: host.address, model: ledger.model, in: context) > 0)
        try Conviction.convict(host.address, in: &context)
        #expect(try context.expect(ValidatorRecord.self, at: validator).power == 0)
        #expect(try HostsReads.weight(of: host.address, model: ledger.model, in: context) == 0)
        #expect(try HostsReads.host(host.address, in: context)?.barredUntilEpoch == epoch + 1)
    }

    @Test("A dispute's fee is taken of collateral before the bond")
    func collectsFromCollateralFirst() throws {
        try deposit(1_000)
        var context = try ExecutionContext.next(
            over: ledger.app.state, height: ledger.height + 1, hash: .zero, parentHash: .zero)
        let bonds = context.supply.bonds
        #expect(try Conviction.collect(Amount(1_300), from: host.address, in: &context) == Amount(1_300))
        #expect(context.supply.collateral == .zero)
        #expect(try bonds.subtracting(context.supply.bonds) == Amount(300))
    }

    @Test("Power ends with the retirement's first block")
    func losesPowerAtOnce() throws {
        #expect(try ledger.record(ValidatorRecord.self, at: StateKey.validator(host.address)) != nil)
        try ledger.run(MsgRetireHost(host: host.address), by: host.account)
        #expect(try ledger.record(ValidatorRecord.self, at: StateKey.validator(host.address)) == nil)
    }
}
