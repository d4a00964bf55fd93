import Cryptography
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import TestSupport
import Testing

@testable import Ledger

@Suite("Committing claims")
struct ClaimTests {
    /// Sessions 1 and 2 are open for all three hosts; the next block is the first that takes claims of round 1.
    struct Scene {
        let ledger: TestLedger
        let payer: TestAccount
        var host: TestHost { ledger.hosts[0] }

        init(_ plan: TestLedgerPlan = TestLedgerPlan()) throws {
            ledger = try TestLedger(plan)
            payer = ledger.accounts[0]
            ledger.audits = false
            for _ in 0..<2 {
                try #require(try ledger.openSession(by: payer, deposit: Amount(3_000_000_000)) != nil)
            }
            try ledger.advanceToCommit(of: 1)
        }

        func part(_ session: UInt64, first: UInt64 = 1, count: UInt64 = 2, fee: UInt64 = 50) -> SessionClaim {
            SessionClaim(
                session: session, firstNumber: first, count: count, fee: Amount(fee),
                voucher: ledger.voucher(session: session, executor: host.address, amount: Amount(1_000), by: payer))
        }

        func claim(_ sessions: [SessionClaim], round: UInt64 = 1) -> MsgCommitClaim {
            ledger.claim(host, round: round, sessions: sessions)
        }

        func commit(_ message: MsgCommitClaim) throws -> TransactionResult {
            try ledger.run(message, by: host.operatorAccount, fee: .zero)
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let refusal: Refusal?
        let change: @Sendable (inout MsgCommitClaim, Scene) -> Void

        init(
            _ name: String, _ refusal: Refusal?, _ change: @escaping @Sendable (inout MsgCommitClaim, Scene) -> Void
        ) {
            (testDescription, self.refusal, self.change) = (name, refusal, change)
        }

        /// A change to the first session's part, sums left as they are.
        static func part(
            _ name: String, _ refusal: Refusal?, _ change: @escaping @Sendable (inout SessionClaim, Scene) -> Void
        ) -> Case {
            Case(name, refusal) { message, scene in change(&message.entries[0].sessions[0], scene) }
        }

        static func voucher(_ name: String, _ change: @escaping @Sendable (inout Voucher, Scene) -> Void) -> Case {
            part(name, Refusal("sessions", 12)) { part, scene in
                change(&part.voucher.statement, scene)
                part.voucher = Signed(part.voucher.statement, by: scene.payer.key)
            }
        }
    }

    private static let entries: [Case] = [
        Case("two sessions", nil) { _, _ in },
        Case("no entry", Refusal("rounds", 4)) { message, _ in message.entries = [] },
        Case("65 entries", Refusal("rounds", 4)) { message, _ in
            message.entries = Array(repeating: message.entries[0], count: 65)
        },
        Case("a model twice", Refusal("rounds", 4)) { message, _ in message.entries += message.entries },
        Case("models out of order", Refusal("rounds", 4)) { message, _ in
            message.entries = [message.entries[0], message.entries[0]]
            message.entries[1].model = "a"
        },
        Case("an unknown model", Refusal("models", 1)) { message, _ in message.entries[0].model = "unknown" },
        Case("no model", Refusal("models", 1)) { message, _ in message.entries[0].model = "" },
        Case("no session", Refusal("rounds", 4)) { message, _ in message.entries[0].sessions = [] },
        Case("257 sessions", Refusal("rounds", 4)) { message, _ in
            message.entries[0].sessions = Array(repeating: message.entries[0].sessions[0], count: 257)
        },
        Case("a session twice", Refusal("rounds", 4)) { message, _ in
            message.entries[0].sessions[1] = message.entries[0].sessions[0]
        },
        Case("sessions out of order", Refusal("rounds", 4)) { message, _ in message.entries[0].sessions.reverse() },
        Case("one item too many", Refusal("rounds", 5)) { message, _ in message.entries[0].count += 1 },
        Case("one ngonka too few", Refusal("rounds", 5)) { message, _ in message.entries[0].fee = Amount(99) },
        Case("any number of tokens", nil) { message, _ in message.entries[0].tokens = .max },
        Case("counts that overflow", Refusal("ledger", 1)) { message, _ in
            message.entries[0].sessions[0].count = .max
        },
        Case("fees that overflow", Refusal("ledger", 1)) { message, _ in
            message.entries[0].sessions[0].fee = Amount(.max)
        },
        Case("an unknown round", Refusal("rounds", 1)) { message, _ in message.round = 50 },
        Case("round 0", Refusal("rounds", 1)) { message, _ in message.round = 0 },
        Case("round 2⁶⁴ − 1", Refusal("rounds", 1)) { message, _ in message.round = .max },
        Case("another host", Refusal("sdk", 4)) { message, scene in message.host = scene.ledger.hosts[1].address },
        Case("no host", Refusal("sdk", 4)) { message, scene in message.host = scene.payer.address },
    ]

    private static let parts: [Case] = [
        .part("a session without items", Refusal("rounds", 4)) { part, _ in part.count = 0 },
        .part("an unknown session", Refusal("sessions", 6)) { part, _ in part.session = 0 },
        .part("items from 0", Refusal("sessions", 13)) { part, _ in part.firstNumber = 0 },
        .part("items from 2", Refusal("sessions", 13)) { part, _ in part.firstNumber = 2 },
        .part("items from 2⁶⁴ − 1", Refusal("sessions", 13)) { part, _ in part.firstNumber = .max },
        .voucher("a voucher of another chain") { voucher, _ in voucher.chainID = "gonka-swift-test-2" },
        .voucher("a voucher of another session") { voucher, _ in voucher.session = 2 },
        .voucher("a voucher for another executor") { voucher, scene in
            voucher.executor = scene.ledger.hosts[1].address
        },
        .part("a voucher that nobody signed", Refusal("sessions", 12)) { part, _ in part.voucher.signature = [] },
        .part("a voucher that the host signed itself", Refusal("sessions", 12)) { part, scene in
            part.voucher = Signed(part.voucher.statement, by: scene.host.operatorAccount.key)
        },
        .part("a voucher raised after signing", Refusal("sessions", 12)) { part, _ in
            part.voucher.statement.amount = Amount(.max)
        },
        .part("a voucher of nothing", nil) { part, scene in
            part.voucher.statement.amount = .zero
            part.voucher = Signed(part.voucher.statement, by: scene.payer.key)
        },
        .part("a voucher of everything", nil) { part, scene in
            part.voucher.statement.amount = Amount(.max)
            part.voucher = Signed(part.voucher.statement, by: scene.payer.key)
        },
    ]

    @Test("What a claim may say", arguments: entries + parts)
    func checks(_ example: Case) throws {
        let scene = try Scene()
        var message = scene.claim([scene.part(1), scene.part(2)])
        example.change(&message, scene)
        let result = try scene.commit(message)
        let isFree = !["an unknown round", "round 0", "round 2⁶⁴ − 1", "another host", "no host"].contains(
            example.testDescription)
        // Without a fee only a claim of a round that takes claims, by the host's operator, is admitted at all.
        #expect(result.refusal == (isFree ? example.refusal : Refusal("sdk", 13)), "\(result.log)")
        if !isFree {
            try scene.ledger.run(
                MsgSend(from: scene.payer.address, to: message.operatorAccount, amount: Amount(1_000_000_000)),
                by: scene.payer)
            #expect(try scene.ledger.run(message, by: scene.host.operatorAccount).refusal == example.refusal)
        }
        let numbers = try scene.ledger.member(scene.host.address, of: 1)?.lastNumber
        #expect(numbers == (example.refusal == nil ? 2 : 0))
        try scene.ledger.app.audit()
        try scene.ledger.settle(1)
        try scene.ledger.app.audit()
    }

    @Test("One host's claim of any number of tokens keeps no other host's claim out")
    func anyNumberOfTokens() throws {
        let scene = try Scene()
        for host in scene.ledger.hosts.prefix(2) {
            var part = scene.part(1)
            part.voucher.statement.executor = host.address
            part.voucher = Signed(part.voucher.statement, by: scene.payer.key)
            var claim = scene.ledger.claim(host, round: 1, sessions: [part])
            claim.entries[0].tokens = .max
            #expect(try scene.ledger.run(claim, by: host.operatorAccount, fee: .zero).isAccepted)
        }
        try scene.ledger.app.audit()
    }

    @Test("Claims are taken in the commit window, one per host and round, and numbers go on")
    func keepsWindows() throws {
        let scene = try Scene()
        let ledger = scene.ledger
        let window = try #require(try ledger.round(1)?.timetable.window(.commit))
        try ledger.run(
            MsgSend(
                from: scene.payer.address, to: scene.host.operatorAccount.address, amount: Amount(10_000_000_000)),
            by: scene.payer)
        #expect(ledger.height == window.lowerBound)
        try ledger.advance(to: window.upperBound - 1)
        #expect(try scene.commit(scene.claim([scene.part(1)])).isAccepted)
        #expect(ledger.height == window.upperBound)
        // Once more, against a fee, after the window.
        let late = try ledger.run(scene.claim([scene.part(1, first: 3)]), by: scene.host.operatorAccount)
        #expect(late.refusal == Refusal("rounds", 2))

        try ledger.advanceToCommit(of: 2)
        #expect(try scene.commit(scene.claim([scene.part(1)], round: 2)).refusal == Refusal("sessions", 13))
        let paid = scene.claim([scene.part(1, first: 3, count: 1)], round: 2)
        #expect(try ledger.run(paid, by: scene.host.operatorAccount).isAccepted)
        let again = scene.claim([scene.part(2)], round: 2)
        #expect(try ledger.run(again, by: scene.host.operatorAccount).refusal == Refusal("rounds", 3))
        #expect(try ledger.member(scene.host.address, of: 1)?.lastNumber == 3)
        // Round 3 is at work: nothing can be claimed of it yet.
        let early = scene.claim([scene.part(1, first: 4)], round: 3)
        #expect(try ledger.run(early, by: scene.host.operatorAccount).refusal == Refusal("rounds", 2))
        try ledger.app.audit()
    }

    @Test("One claim a round is free whether it succeeds or not, and rotation does not give another")
    func bindsTheQuota() throws {
        let scene = try Scene()
        let ledger = scene.ledger
        var wrong = scene.claim([scene.part(1)])
        wrong.entries[0].count = 9
        #expect(try scene.commit(wrong).refusal == Refusal("rounds", 5))
        let right = scene.claim([scene.part(1)])
        #expect(try scene.commit(right).refusal == Refusal("sdk", 13))
        #expect(
            ledger.app.checkTransaction(
                try ledger.sign([right], by: scene.host.operatorAccount, fee: .zero), isRecheck: false
            ).refusal == Refusal("sdk", 13))

        let key = TestAccount("next operator")
        let rotation = MsgRotateOperatorKey(
            host: scene.host.address, operatorKey: key.key.publicKey.compressed)
        #expect(try ledger.run(rotation, by: scene.host.account).isAccepted)
        var rotated = right
        rotated.operatorAccount = key.address
        #expect(try ledger.run(rotated, by: key, fee: .zero).refusal == Refusal("sdk", 13))
        // The old key is worth nothing any more, whatever it pays.
        #expect(try scene.commit(right).refusal == Refusal("sdk", 13))

        try ledger.advanceToCommit(of: 2)
        var next = scene.claim([scene.part(1)], round: 2)
        next.operatorAccount = key.address
        #expect(try ledger.run(next, by: key, fee: .zero).isAccepted)
    }

    @Test("A free claim is alone in its transaction, and in the mempool too it is free once")
    func bindsTheQuotaInTheMempool() throws {
        let scene = try Scene()
        let ledger = scene.ledger
        let signer = scene.host.operatorAccount
        let claim = scene.claim([scene.part(1)])
        let double = try ledger.sign([claim, claim], by: signer, fee: .zero)
        #expect(ledger.app.checkTransaction(double, isRecheck: false).refusal == Refusal("sdk", 13))
        try ledger.block()
        let first = try ledger.sign([claim], by: signer, fee: .zero)
        let second = try ledger.sign([claim], by: signer, fee: .zero)
        #expect(ledger.app.checkTransaction(first, isRecheck: false).lane == .duty)
        #expect(ledger.app.checkTransaction(second, isRecheck: false).refusal == Refusal("sdk", 13))
        // A commit forgets what the mempool assumed.
        try ledger.block()
        let recheck = ledger.app.checkTransaction(first, isRecheck: true)
        #expect(recheck.isAccepted)
        #expect(recheck.lane == .duty)
    }

    @Test("Only a claim that takes the quota goes before others: one that pays does not, nor does anything else")
    func goesBeforeOthersOnceARound() throws {
        let scene = try Scene()
        let ledger = scene.ledger
        let operatorAccount = scene.host.operatorAccount
        let coins = MsgSend(from: scene.payer.address, to: operatorAccount.address, amount: Amount(100_000_000))
        #expect(try ledger.run(coins, by: scene.payer).isAccepted)
        let paid = try ledger.sign([scene.claim([scene.part(1)])], by: operatorAccount)
        let transfer = MsgSend(from: ledger.accounts[1].address, to: scene.host.address, amount: Amount(1))
        for bytes in [paid, try ledger.sign([transfer], by: ledger.accounts[1])] {
            let check = ledger.app.checkTransaction(bytes, isRecheck: false)
            #expect(check.isAccepted)
            #expect(check.lane == .ordinary)
        }
    }

    @Test("Model ids are bytes: one that only looks like the session's is refused before anything runs")
    func comparesModelsAsBytes() throws {
        var plan = TestLedgerPlan()
        plan.models = [TestLedgerPlan.model("Kelvin")]
        let scene = try Scene(plan)
        var message = scene.claim([scene.part(1)])
        message.entries.append(message.entries[0])
        message.entries[1].model = "\u{212A}elvin"
        #expect(message.entries[1].model == "Kelvin")
        message.entries[1].sessions[0].firstNumber = 3
        #expect(try scene.commit(message).refusal == Refusal("sdk", 2))
    }

    @Test("A host that takes a model off its list still claims what it served of it")
    func claimsAfterUnlisting() throws {
        let scene = try Scene()
        let update = MsgUpdateHost(host: scene.host.address, url: "http://h", models: [])
        try scene.ledger.run(update, by: scene.host.account)
        #expect(try scene.commit(scene.claim([scene.part(1)])).isAccepted)
    }
}
