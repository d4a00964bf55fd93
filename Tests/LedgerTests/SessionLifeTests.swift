import Cryptography
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import TestSupport
import Testing

@testable import Ledger

@Suite("A session's life")
struct SessionLifeTests {
    private static let deposit = Amount(3_000_000_001)

    private static func opening(_ ledger: TestLedger) -> MsgOpenSession {
        let payer = ledger.accounts[0]
        return MsgOpenSession(
            payer: payer.address, model: ledger.model, deposit: deposit, sessionKey: payer.key.publicKey.compressed)
    }

    @Test("The group is drawn in the block after, prices and tax are frozen, shares are equal")
    func opens() throws {
        let ledger = try TestLedger()
        let result = try ledger.run(Self.opening(ledger), by: ledger.accounts[0])
        #expect(result.events.first { $0.type == "session_created" }?.attributes.first?.value == "1")
        let drawing = try #require(try ledger.session(1))
        #expect(drawing.state == .drawing)
        #expect(drawing.members.isEmpty)
        try ledger.block()
        let session = try #require(try ledger.session(1))
        #expect(session.state == .open)
        #expect(Set(session.members) == Set(ledger.hosts.map(\.address)))
        #expect(session.prices == TestLedgerPlan.model("").prices)
        #expect(session.servingTaxPartsPerMillion == 20_000)
        #expect(session.expiryHeight == 1 + 20 * 60)
        for host in session.members {
            let member = MemberRecord(host: host, allotment: Amount(1_000_000_000))
            #expect(try ledger.member(host, of: 1) == member)
        }
        #expect(try ledger.supply.deposits == Self.deposit)
    }

    @Test("The draw is the protocol's: tag, parent hash, session, weights")
    func drawsByTheRule() throws {
        var plan = TestLedgerPlan()
        plan.hostCount = 7
        plan.weights = [5, 0, 1_000_000, 3, 0, 70, 900]
        let ledger = try TestLedger(plan)
        var message = Self.opening(ledger)
        message.groupSize = 3
        for id in 1...8 as ClosedRange<UInt64> {
            try #require(try ledger.run(message, by: ledger.accounts[0]).isAccepted)
            let parent = try #require(ledger.blocks.last?.hash)
            try ledger.block()
            let entries = zip(ledger.hosts, plan.weights).map { DrawEntry(address: $0.address, weight: $1) }
            let expected = Draw.group(session: id).pick(3, from: DrawEntries(entries), seed: parent)
            #expect(try ledger.session(id)?.members == expected)
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let refusal: Refusal?
        let change: @Sendable (inout MsgOpenSession) -> Void

        init(_ name: String, _ refusal: Refusal?, _ change: @escaping @Sendable (inout MsgOpenSession) -> Void) {
            (testDescription, self.refusal, self.change) = (name, refusal, change)
        }
    }

    @Test(
        "What a session may ask for",
        arguments: [
            Case("the smallest deposit", nil) { $0.deposit = Amount(10_000_000) },
            Case("a deposit that is one short", Refusal("sessions", 1)) { $0.deposit = Amount(9_999_999) },
            Case("no deposit", Refusal("sessions", 1)) { $0.deposit = .zero },
            Case("more than there is", Refusal("sdk", 5)) { $0.deposit = Amount(.max) },
            Case("no session key", Refusal("sessions", 2)) { $0.sessionKey = [] },
            Case("a session key that is no point", Refusal("sessions", 2)) {
                $0.sessionKey = Bytes(repeating: 255, count: 33)
            },
            Case("the largest group", nil) { $0.groupSize = 64 },
            Case("a group of 65", Refusal("sessions", 3)) { $0.groupSize = 65 },
            Case("a group of 2⁶⁴ − 1", Refusal("sessions", 3)) { $0.groupSize = .max },
            Case("the longest expiry", nil) { $0.expiryEpochs = 90 },
            Case("91 epochs", Refusal("sessions", 4)) { $0.expiryEpochs = 91 },
            Case("2⁶⁴ − 1 epochs", Refusal("sessions", 4)) { $0.expiryEpochs = .max },
            Case("an unknown model", Refusal("models", 1)) { $0.model = "unknown" },
            Case("no model", Refusal("models", 1)) { $0.model = "" },
            Case("a long model", Refusal("models", 1)) { $0.model = String(repeating: "m", count: 200_000) },
            Case("a retired model", Refusal("models", 2)) { $0.model = "retired-model" },
            Case("allowed hosts out of order", Refusal("sessions", 5)) {
                $0.allowedHosts = [TestHost("0"), TestHost("1")].map(\.address).sorted(by: >)
            },
            Case("an allowed host twice", Refusal("sessions", 5)) {
                $0.allowedHosts = Array(repeating: TestHost("0").address, count: 2)
            },
            Case("65 allowed hosts", Refusal("sessions", 5)) {
                $0.allowedHosts = (0..<65).map { TestAccount("\($0)").address }.sorted()
            },
            Case("64 allowed accounts that are no hosts", Refusal("sessions", 5)) {
                $0.allowedHosts = (0..<64).map { TestAccount("\($0)").address }.sorted()
            },
            Case("64 allowed hosts, unproven, with a key holder", nil) {
                $0.allowedHosts = ((0..<63).map { TestAccount("\($0)").address } + [TestHost("0").address]).sorted()
                $0.isUnproven = true
                $0.keyHolder = TestHost("0").address
            },
        ] as [Case])
    func checksOpening(_ example: Case) throws {
        var plan = TestLedgerPlan()
        plan.models.append(TestLedgerPlan.model("retired-model", state: .retired))
        let ledger = try TestLedger(plan)
        var message = Self.opening(ledger)
        example.change(&message)
        let result = try ledger.run(message, by: ledger.accounts[0])
        #expect(result.refusal == example.refusal, "\(result.log)")
        if example.refusal != nil { #expect(try ledger.supply.deposits == .zero) }
        try ledger.block()
    }

    @Test("Only allowed hosts that are active and list the model are drawn; without any, the deposit returns at once")
    func drawsAllowedHosts() throws {
        let ledger = try TestLedger()
        var message = Self.opening(ledger)
        message.allowedHosts = [ledger.hosts[2].address, TestAccount("no host").address].sorted()
        try ledger.run(message, by: ledger.accounts[0])
        try ledger.block()
        #expect(try ledger.session(1)?.members == [ledger.hosts[2].address])

        // The only one leaves in the block that opens the session; afterwards no other is opened for it.
        let opening = try ledger.sign([message], by: ledger.accounts[0])
        let retirement = try ledger.sign([MsgRetireHost(host: ledger.hosts[2].address)], by: ledger.hosts[2].account)
        let before = try ledger.balance(of: ledger.accounts[0].address)
        try ledger.block([opening, retirement])
        try ledger.block()
        let session = try #require(try ledger.session(2))
        #expect(session.state == .closed)
        #expect(session.refunded == Self.deposit)
        #expect(
            try ledger.balance(of: ledger.accounts[0].address)
                == Amount(before.ngonka - UInt64(opening.count) * ledger.parameters.economy.feePerByteNgonka))
        #expect(try ledger.run(message, by: ledger.accounts[0]).refusal == Refusal("sessions", 5))
    }

    @Test("A host that takes the model off its list is in no new group")
    func drawsListedHosts() throws {
        let ledger = try TestLedger()
        let update = MsgUpdateHost(host: ledger.hosts[0].address, url: "http://h", models: [])
        try ledger.run(update, by: ledger.hosts[0].account)
        let session = try ledger.openSession(by: ledger.accounts[0], deposit: Self.deposit)
        #expect(session?.members.contains(ledger.hosts[0].address) == false)
        #expect(session?.members.count == 2)
    }

    @Test("Nobody's good will is needed: an open session expires, closes and refunds by itself")
    func expires() throws {
        let ledger = try TestLedger()
        ledger.audits = false
        let payer = ledger.accounts[0]
        let session = try #require(
            try ledger.openSession(by: payer, deposit: Self.deposit, expiryEpochs: 1))
        let before = try ledger.balance(of: payer.address)
        try ledger.advance(to: session.expiryHeight - 1)
        #expect(try ledger.session(1)?.state == .open)
        try ledger.block()
        let closing = try #require(try ledger.session(1))
        #expect(closing.state == .closing)
        #expect(closing.closesAfterRound == ledger.servingRound() + 1)
        try ledger.settle(closing.closesAfterRound)
        #expect(try ledger.session(1)?.state == .closed)
        #expect(try ledger.balance(of: payer.address) == Amount(before.ngonka + Self.deposit.ngonka))
        try ledger.app.audit()
    }

    @Test("What a session refuses in each state")
    func refusesByState() throws {
        let ledger = try TestLedger()
        let payer = ledger.accounts[0]
        let close = MsgCloseSession(payer: payer.address, session: 1)
        let topUp = MsgTopUpSession(payer: payer.address, session: 1, amount: Amount(1))
        #expect(try ledger.run(close, by: payer).refusal == Refusal("sessions", 6))
        #expect(try ledger.run(topUp, by: payer).refusal == Refusal("sessions", 6))
        // In the block that opens it the group is not drawn yet.
        let early = try ledger.block([
            ledger.sign([Self.opening(ledger)], by: payer), ledger.sign([close], by: payer),
            ledger.sign([topUp], by: payer),
        ])
        #expect(early.transactionResults.map(\.refusal) == [nil, Refusal("sessions", 7), Refusal("sessions", 7)])
        try ledger.block()
        #expect(try ledger.run(close, by: payer).isAccepted)
        #expect(try ledger.run(close, by: payer).refusal == Refusal("sessions", 7))
        #expect(try ledger.run(topUp, by: payer).refusal == Refusal("sessions", 7))
        ledger.audits = false
        try ledger.settle(try #require(try ledger.session(1)?.closesAfterRound))
        #expect(try ledger.session(1)?.state == .closed)
        #expect(try ledger.run(close, by: payer).refusal == Refusal("sessions", 7))
        #expect(try ledger.run(topUp, by: payer).refusal == Refusal("sessions", 7))
    }
}
