import AsyncHTTPClient
import Cryptography
import FaultyLink
import Messages
import NIOCore
import Primitives
import SoloOrdering
import TestSupport
import Testing
import WireFormat

@testable import LedgerClient

/// This project's own node behind a link that is slow, breaks off, falls silent or lies.
@Suite("A node behind a faulty link", .timeLimit(.minutes(2))) struct FaultyNodeTests {
    private static let plan = TestLedgerPlan()
    private static var payer: TestAccount { plan.accounts[0] }
    /// An account without a key, which nobody but these tests sends to.
    private static let receiver = TestAccount("receiver").address

    private static func linked(
        pace: BlockPace = .asSoonAsPossible, _ body: @Sendable (FaultyLink, RPCLedger) async throws -> Void
    ) async throws {
        try await RealNode.run(plan, pace: pace) { url, _ in
            try await FaultyLink.to(url) { link in try await body(link, RPCLedger(url: link.url)) }
        }
    }

    private static func send(_ sender: TransactionSender, _ coins: UInt64) async throws(LedgerAccessError) {
        let message = MsgSend(from: payer.address, to: receiver, amount: Amount(coins)).packed
        let result = try await sender.send([message])
        #expect(result.isAccepted)
    }

    /// The transaction of which nobody knows what became of it.
    private static func doubtful(_ send: () async throws(LedgerAccessError) -> Void) async throws -> Hash32 {
        do throws(LedgerAccessError) { try await send() } catch {
            guard case .outcomeUnknown(let hash) = error else { throw error }
            return hash
        }
        throw Answered()
    }

    private struct Answered: Error {}

    // MARK: Transactions

    @Test(
        "A transaction whose answer is lost is found by its hash, took effect once, and the next one follows it",
        arguments: [LinkFault.cutsAnswer(.byte(0)), .cutsAnswer(.after("tx_result"))])
    func lostAnswer(fault: LinkFault) async throws {
        try await Self.linked { link, ledger in
            let sender = TransactionSender(ledger: ledger, key: Self.payer.key)
            try await Self.send(sender, 1)
            // The account is read, and then the transaction sent.
            link.next([.none, fault])
            let before = link.exchanges
            let hash = try await Self.doubtful { () throws(LedgerAccessError) in try await Self.send(sender, 10) }
            #expect(link.exchanges == before + 2, "it is not sent again")
            let found = try #require(try await ledger.transaction(hash))
            #expect(found.isAccepted && found.height > 0)
            #expect(try await ledger.account(Self.receiver)?.balance == Amount(11))
            try await Self.send(sender, 100)
            #expect(try await ledger.account(Self.receiver)?.balance == Amount(111))
            #expect(try await ledger.account(Self.payer.address)?.sequence == 3)
        }
    }

    @Test("A transaction that never arrived whole is in doubt, too, is found nowhere, and had no effect")
    func lostRequest() async throws {
        try await Self.linked { link, ledger in
            let sender = TransactionSender(ledger: ledger, key: Self.payer.key)
            try await Self.send(sender, 1)
            link.next([.none, .cutsRequest(after: 250)])
            let hash = try await Self.doubtful { () throws(LedgerAccessError) in try await Self.send(sender, 10) }
            #expect(try await ledger.transaction(hash) == nil)
            try await Self.send(sender, 100)
            #expect(try await ledger.account(Self.receiver)?.balance == Amount(101))
            #expect(try await ledger.account(Self.payer.address)?.sequence == 2)
        }
    }

    /// A bit of the hash of what was sent makes it the result of something else.
    @Test("The result of another transaction is none of this one")
    func changedHash() async throws {
        try await Self.linked { link, ledger in
            let sender = TransactionSender(ledger: ledger, key: Self.payer.key)
            try await Self.send(sender, 1)
            link.next([.none, .changes(.after(#""hash":""#, 7))])
            let hash = try await Self.doubtful { () throws(LedgerAccessError) in try await Self.send(sender, 10) }
            let found = try #require(try await ledger.transaction(hash))
            #expect(found.isAccepted)
        }
    }

    // MARK: Silence

    /// The patience of a call is nearly over when it begins.
    @Test(
        "A node that falls silent is given up, before its answer and in the middle of it",
        arguments: [LinkFault.silences(.byte(0)), .silences(.after("\r\n\r\n", 5))])
    func silence(fault: LinkFault) async throws {
        try await Self.linked { link, _ in
            let connection = RPCConnection(url: link.url, client: .shared) {
                .now() - (Limits.callTimeout - .milliseconds(500))
            }
            link.always(fault)
            let failure = await #expect(throws: RPCFailure.self) { try await connection.call("status", [:]) }
            guard case .lost = failure else { throw Answered() }
            let transaction = Bytes("a transaction".utf8)
            let doubt = await #expect(throws: LedgerAccessError.self) {
                try await RPCLedger(connection).submit(transaction)
            }
            #expect(doubt == .outcomeUnknown(.sha256(transaction)))
        }
    }

    // MARK: Proofs

    private static let fast = BlockPace(interval: .milliseconds(20), minimumInterval: .zero)
    private static let key = StateKey.account(payer.address)

    @Test("A record that was changed on its way, or its proof, or the app hash, is not believed")
    func changedRecord() async throws {
        try await Self.linked(pace: Self.fast) { link, ledger in
            let proven = try await ledger.readProven(Self.key)
            #expect(try AccountRecord.decode(proven.value).balance == Self.plan.balance)
            for name in ["value", "data", "app_hash"] {
                link.always(.changes(.after("\"\(name)\":\"", 6)))
                await Self.expectUnproven { () throws(LedgerAccessError) in _ = try await ledger.readProven(Self.key) }
            }
            link.always(.none)
            #expect(try await ledger.readProven(Self.key).value == proven.value)
        }
    }

    @Test("An answer of before is believed for its own height alone, and for no other record")
    func oldRecord() async throws {
        try await Self.linked(pace: Self.fast) { link, ledger in
            let old = try await ledger.readProven(Self.key)
            let answer = link.answer(0)
            try await Self.send(TransactionSender(ledger: ledger, key: Self.payer.key), 1)
            link.next([.replays(answer)])
            let replayed = try await ledger.readProven(Self.key)
            #expect((replayed.height, replayed.value) == (old.height, old.value), "it says how old it is")

            let now = try await ledger.readProven(Self.key)
            #expect(now.value != old.value)
            link.next([.replays(Self.redated(answer, from: old.height, to: now.height))])
            await Self.expectUnproven { () throws(LedgerAccessError) in _ = try await ledger.readProven(Self.key) }
            link.next([.replays(answer)])
            await Self.expectUnproven { () throws(LedgerAccessError) in
                _ = try await ledger.readProven(StateKey.account(Self.receiver))
            }
        }
    }

    private static func expectUnproven(_ read: () async throws(LedgerAccessError) -> Void) async {
        do throws(LedgerAccessError) {
            try await read()
            Issue.record("it was believed")
        } catch {
            if case .unproven = error { return }
            Issue.record(error)
        }
    }

    /// The same answer with another height in it.
    private static func redated(_ answer: Bytes, from old: UInt64, to new: UInt64) -> Bytes {
        let parts = String(decoding: answer, as: UTF8.self).split(separator: "\r\n\r\n", maxSplits: 1)
        guard parts.count == 2 else { return [] }
        let body = parts[1].replacing("\"height\":\"\(old)\"", with: "\"height\":\"\(new)\"")
        let head = parts[0].split(separator: "\r\n").filter { !$0.lowercased().hasPrefix("content-length") }
        return Bytes((head + ["content-length: \(body.utf8.count)"]).joined(separator: "\r\n").utf8)
            + Bytes("\r\n\r\n\(body)".utf8)
    }
}
