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

/// Who leaves may have done wrong that nobody knows of yet: what it put down waits for that.
@Suite("What a host put down, once it has left")
struct RetirementTests {
    private let scene: ConsensusScene
    private let host: TestHost
    private var ledger: TestLedger { scene.ledger }
    private static let bond: UInt64 = 100_000_000_000

    init() throws {
        scene = try ConsensusScene()
        host = scene.ledger.hosts[1]
        ledger.audits = true
        try scene.blocks(4)
    }

    private func state() throws -> HostState? { try ledger.host(host.address)?.state }

    private func retire() throws {
        try scene.send(MsgRetireHost(host: host.address), by: host.account)
        while try state() != .retired { try scene.block() }
    }

    private func deposit(_ ngonka: UInt64) throws {
        try scene.send(MsgDepositCollateral(host: host.address, amount: Amount(ngonka)), by: host.account)
    }

    /// The last block before what left in this block's epoch is paid out.
    private func lastBlockOfWait() throws -> UInt64 {
        let schedule = ledger.parameters.epochSchedule
        return try schedule.heights(of: schedule.index(at: ledger.height) + 2).lowerBound - 1
    }

    private func blocks(to height: UInt64) throws {
        while ledger.height < height { try scene.block() }
    }

    /// Makes a block with evidence of what the host signed before it left.
    ///
    /// - Returns: what the conviction took.
    private func convict() throws -> String? {
        let result = try scene.block(misbehavior: [scene.evidence(1, at: 3)])
        return result.events.first { $0.type == "host_convicted" }?.attributes.last?.value
    }

    private func balance() throws -> UInt64 { try ledger.balance(of: host.address).ngonka }

    @Test("Bond and collateral are paid out together, once, when a whole epoch more is over")
    func paysOnce() throws {
        try deposit(1_000)
        let before = try balance()
        let bonds = try ledger.supply.bonds.ngonka
        try retire()
        let retired = ledger.lastResult?.events.first { $0.type == "host_retired" }
        let due = try lastBlockOfWait() + 1
        #expect(
            retired?.attributes.dropFirst().map(\.value)
                == ["100000000000ngonka", "1000ngonka", "\(ledger.parameters.epochSchedule.index(at: due))"])
        let fees = try before &- balance()
        #expect(try ledger.leaving(of: host.address).ngonka == Self.bond + 1_000)
        #expect(try ledger.supply.bonds.ngonka == bonds &- Self.bond)
        #expect(try ledger.supply.collateral.ngonka == Self.bond + 1_000)
        try blocks(to: due - 1)
        #expect(try balance() == before &- fees)
        let paid = try scene.block().events.filter { $0.type == "collateral_withdrawn" }
        #expect(paid.map { $0.attributes.map(\.value) } == [[host.address.bech32, "\(Self.bond + 1_000)ngonka"]])
        #expect(try balance() == before &- fees &+ Self.bond + 1_000)
        #expect(try ledger.leaving(of: host.address) == .zero && ledger.supply.collateral == .zero)
        try scene.blocks(130)
        #expect(try balance() == before &- fees &+ Self.bond + 1_000)
    }

    @Test("Evidence that comes after the retirement still takes a fifth, until it is paid out")
    func answersAfterwards() throws {
        try deposit(1_000)
        try retire()
        let before = try balance()
        try blocks(to: lastBlockOfWait() - 1)
        let pool = try ledger.supply.pool.ngonka
        let taken = (Self.bond + 1_000) / 5
        #expect(try convict() == "\(taken)ngonka")
        #expect(try ledger.supply.pool.ngonka == pool + taken)
        try scene.block()
        #expect(try balance() == before + Self.bond + 1_000 - taken)
        #expect(try ledger.supply.collateral == .zero)
    }

    @Test("Evidence that comes when all is paid out bars, and takes nothing")
    func paysNothingLater() throws {
        try retire()
        try blocks(to: lastBlockOfWait() + 1)
        let balance = try balance()
        #expect(try convict() == "0ngonka")
        #expect(try self.balance() == balance)
    }

    @Test(
        "Evidence no older than an epoch of the last block that a leaving host signed comes before its coins are paid out"
    )
    func outlastsEvidence() throws {
        // The last block of an epoch is where the wait is shortest.
        try blocks(to: 59)
        try scene.send(MsgRetireHost(host: host.address), by: host.account)
        // Consensus hears of it two blocks late.
        let lastSigned = ledger.height + 2
        while try state() != .retired { try scene.block() }
        #expect(try lastBlockOfWait() >= lastSigned + ledger.parameters.chain.epochBlocks)
    }

    @Test(
        "Who registers again puts down another bond, a conviction takes of both, and what left twice in an epoch is paid together"
    )
    func returns() throws {
        try retire()
        try scene.send(host.registration(models: [ledger.model]), by: host.account)
        #expect(try ledger.host(host.address)?.bond == Amount(Self.bond))
        #expect(try ledger.leaving(of: host.address) == Amount(Self.bond))
        #expect(try convict() == "\(2 * Self.bond / 5)ngonka")
        #expect(try ledger.host(host.address)?.bond.ngonka == Self.bond / 5 * 4)
        #expect(try ledger.leaving(of: host.address).ngonka == Self.bond / 5 * 4)
        let epoch = ledger.parameters.epochSchedule.index(at: ledger.height)
        let before = try balance()
        try retire()
        let fees = try before &- balance()
        let again = ledger.parameters.epochSchedule.index(at: ledger.height)
        #expect(again == epoch || again == epoch + 1)
        try blocks(to: lastBlockOfWait() + 1)
        #expect(try balance() == before &- fees &+ Self.bond / 5 * 8)
        #expect(try ledger.supply.collateral == .zero)
    }

    @Test("What leaves twice in one epoch is one withdrawal, and nothing at all is none")
    func addsUp() throws {
        var context = try next()
        for ngonka in [3, 0, 4] as [UInt64] {
            #expect(try Collateral.giveBack(Amount(ngonka), to: host.address, in: &context) == 3)
        }
        let nobody = TestAccount("nobody").address
        _ = try Collateral.giveBack(.zero, to: nobody, in: &context)
        let records = context.state.scan(prefix: StateTable.withdrawals.prefix, limit: 9)
        #expect(
            try records.map { try context.decode(WithdrawalRecord.self, $0) }
                == [WithdrawalRecord(host: host.address, epoch: 3, amount: Amount(7))])
    }

    @Test(
        "A dispute's fee is taken of collateral, then of what leaves soonest, then of the bond; one that is gone pays it too"
    )
    func owesDisputes() throws {
        try deposit(100)
        try scene.send(MsgWithdrawCollateral(host: host.address, amount: Amount(30)), by: host.account)
        try blocks(to: 60)
        try scene.send(MsgWithdrawCollateral(host: host.address, amount: Amount(20)), by: host.account)
        var context = try next()
        func leaving(_ epoch: UInt64) throws -> Amount? {
            try context.read(WithdrawalRecord.self, at: StateKey.withdrawal(epoch: epoch, host: host.address))?.amount
        }
        #expect(try Conviction.collect(Amount(60), from: host.address, in: &context) == Amount(60))
        #expect(try leaving(3) == Amount(20) && leaving(4) == Amount(20))
        #expect(try Conviction.collect(Amount(30), from: host.address, in: &context) == Amount(30))
        #expect(try leaving(3) == nil && leaving(4) == Amount(10))
        #expect(try Conviction.collect(Amount(15), from: host.address, in: &context) == Amount(15))
        #expect(try HostsReads.host(host.address, in: context)?.bond.ngonka == Self.bond - 5)
        #expect(context.supply.collateral == .zero)
        try EconomyInvariants.recount(in: context)
        try HostsInvariants.recount(in: context)

        try retire()
        context = try next()
        let pool = context.supply.pool.ngonka
        #expect(try Conviction.collect(Amount(500), from: host.address, in: &context) == Amount(500))
        #expect(context.supply.pool.ngonka == pool + 500)
        #expect(try Conviction.collect(Amount(.max), from: host.address, in: &context).ngonka > Self.bond - 500)
        #expect(context.supply.collateral == .zero)
        try EconomyInvariants.recount(in: context)
    }

    @Test("A block pays a bounded number of withdrawals, and the next the rest")
    func paysInTurns() throws {
        try blocks(to: 120)
        var context = try next()
        let (most, payer) = (Ledger.Limits.withdrawalsPerBlockMax, ledger.accounts[0].address)
        let all = UInt64(most) + 1
        try BankModule.move(Amount(all), from: .balance(payer), to: .collateral, in: &context)
        for number in 1...all {
            let account = try #require(Address(Bytes(Hash32.sha256(.bigEndian(number)).bytes.prefix(Address.length))))
            context.write(
                WithdrawalRecord(host: account, epoch: 3, amount: Amount(1)),
                at: StateKey.withdrawal(epoch: 3, host: account))
        }
        try Collateral.payDue(in: &context)
        #expect(context.supply.collateral == Amount(1))
        try Collateral.payDue(in: &context)
        #expect(context.supply.collateral == .zero)
        #expect(context.state.scan(prefix: StateTable.withdrawals.prefix, limit: 1).isEmpty)
        try BankInvariants.checkSupply(context.supply)
    }

    private func next() throws -> ExecutionContext {
        try .next(over: ledger.app.state, height: ledger.height + 1, hash: .zero, parentHash: .zero)
    }
}
