import Ledger
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import TestSupport
import Testing

@Suite("Adversaries that pay")
struct PayerAdversaryTests {
    /// Five executors each got a voucher for all of 5 GNK and claim all of it.
    @Test("Whoever promises one deposit to many hosts spends it once: each executor is paid its allotment")
    func doubleSpending() throws {
        let ledger = try TestLedger(with: 5)
        let payer = ledger.accounts[0]
        let session = try #require(try ledger.openSession(by: payer, deposit: Amount(5_000_000_000), groupSize: 5))
        let gateway = DoubleSpendingGateway(ledger, payer: payer)
        try ledger.advanceToCommit(of: 1)
        let claims = try ledger.hosts.map { host in
            let claim = ledger.claim(host, round: 1, sessions: [gateway.claim(by: host.address, of: session)])
            return try ledger.sign([claim], by: host.operatorAccount, fee: .zero)
        }
        #expect(try ledger.block(claims).transactionResults.allSatisfy { $0.isAccepted })
        try ledger.settle(1)
        for host in ledger.hosts {
            // A fifth, less 2 % tax: exactly what the session promised when it opened.
            #expect(try ledger.member(host.address, of: session.id)?.received == Amount(980_000_000))
        }
        #expect(try ledger.session(session.id)?.paid == Amount(5_000_000_000))
        try ledger.app.audit()
    }

    @Test("Whoever closes its session before the claim pays for what was served all the same")
    func earlyClosing() throws {
        let ledger = try TestLedger(with: 5)
        let payer = ledger.accounts[0]
        let session = try #require(try ledger.openSession(by: payer, deposit: Amount(5_000_000_000), groupSize: 5))
        let host = ledger.hosts[0]
        let voucher = ledger.voucher(
            session: session.id, executor: host.address, amount: Amount(700_000_000), by: payer)
        let before = try ledger.balance(of: payer.address)
        #expect(try EarlyCloser(ledger, payer: payer).close(session.id))
        try ledger.advanceToCommit(of: 1)
        let part = SessionClaim(
            session: session.id, firstNumber: 1, count: 2, fee: Amount(700_000_000), voucher: voucher)
        #expect(
            try ledger.run(ledger.claim(host, round: 1, sessions: [part]), by: host.operatorAccount, fee: .zero)
                .isAccepted)
        while try ledger.session(session.id)?.state != .closed {
            try #require(ledger.height < 300)
            try ledger.block()
        }
        #expect(try ledger.member(host.address, of: session.id)?.received == Amount(686_000_000))
        // The closer got back what nobody earned, and paid for the closing.
        let back = try ledger.balance(of: payer.address)
        #expect(back < Amount(before.ngonka + 4_300_000_000) && back > Amount(before.ngonka + 4_299_000_000))
        try ledger.app.audit()
    }

    /// Host 1 pays host 0, and would be drawn for some of the items that it pays for.
    @Test("Whoever pays for an item does not judge it")
    func judgingOwn() throws {
        let network = try SimulatedNetwork(hostCount: 8)
        let (ledger, payer) = (network.ledger, network.ledger.hosts[1])
        let session = try network.openSession(
            by: payer.account, for: [network.host(0)], deposit: Amount(1_000_000_000_000))
        let coins = MsgSend(
            from: network.payer.address, to: payer.operatorAccount.address, amount: Amount(10_000_000_000))
        #expect(try ledger.run(coins, by: network.payer).isAccepted)
        var refused = 0
        for serial in 2...4 as ClosedRange<UInt64> {
            while ledger.servingRound() < serial { try network.step() }
            let round = try #require(try ledger.round(serial))
            while ledger.height + 1 < round.timetable.window(.audit).lowerBound { try network.step() }
            let entry = try #require(try ledger.claim(of: network.host(0), in: serial)?.entries.first)
            let model = try #require(
                try ledger.record(RoundModelRecord.self, at: StateKey.roundModel(round.id, model: entry.model)))
            let seed = try #require(try ledger.seed(endingAt: round.timetable.window(.draw).upperBound))
            let audit = entry.audit(claimant: network.host(0), round: round, model: model, seed: seed)
            let auditors = try ledger.auditors(epoch: round.epoch, model: entry.model)
            let word = (0..<audit.sampleCount).first { number in
                entry.session(atFee: audit.point(number)) == session
                    && audit.auditors(of: number, from: auditors).contains(payer.address)
            }
            guard let word else { continue }
            let message = MsgCommitAudit(
                operatorAccount: payer.operatorAccount.address, host: payer.address, round: round.id,
                commitments: [
                    AuditCommitment(claimant: network.host(0), entry: 0, number: word, outcome: .unavailable)
                ])
            try network.step(sending: [(message, payer.operatorAccount)])
            #expect(network.claimResults.first?.refusal == Refusal("rounds", 11))
            refused += 1
        }
        #expect(refused > 0)
        try network.expectNoHarm(except: 0..<0)
    }

    @Test("Whoever pays itself loses the tax and the fees, and proves no more than before")
    func selfDealing() throws {
        let network = try SimulatedNetwork(hostCount: 8)
        let dealer = network.ledger.hosts[0]
        try network.openSession(by: dealer.account, for: [dealer.address], deposit: Amount(1_000_000_000_000))
        network.fee = Amount(1_000_000_000)
        network.behave(0, SelfDealer(own: dealer.address, requests: 40))
        try network.run(epochs: 3)
        let (cheat, honest) = (try network.earnings(of: 0), try network.honest)
        #expect(cheat.received > 2 * honest.received)
        #expect(cheat.sprintTokens == honest.sprintTokens)
        #expect(cheat.confirmationTokens == honest.confirmationTokens)
        #expect(cheat.convictions == 0 && cheat.emission <= honest.emission)
        // The deposit is still bound; whatever of it came back lost its 2 %.
        let session = try #require(try network.ledger.session(network.ledger.lastSessionID()))
        let own = try #require(try network.ledger.member(dealer.address, of: session.id)?.received)
        #expect(session.paid.ngonka - own.ngonka == session.paid.ngonka / 50)
        try network.expectNoHarm(except: 0..<1)
    }
}

extension TestLedger {
    /// A ledger with honest hosts.
    fileprivate convenience init(with hostCount: Int) throws {
        var plan = TestLedgerPlan()
        plan.hostCount = hostCount
        try self.init(plan)
    }
}
