import Cryptography
import HTTPEdge
import Ledger
import Logging
import Messages
import NodeServer
import OrderingAPI
import Primitives
import ProtocolRules
import SoloOrdering
import StateStore
import TestSupport
import Testing
import WireFormat

@testable import LedgerClient

@Suite("Lists of the ledger's records", .timeLimit(.minutes(2)))
struct ListingTests {
    /// More than one answer of the ledger holds.
    static let count = 1_003

    @Test("Hosts and models of a real node are listed to the last, over its RPC")
    func hostsAndModels() async throws {
        var plan = TestLedgerPlan()
        plan.hostCount = Self.count
        let hosts = plan.hosts.map(\.address)
        try await RealNode.run(plan) { url, _ in
            let ledger = RPCLedger(url: url)
            let listed = try await ledger.hosts()
            #expect(listed.isComplete)
            #expect(
                listed.elements.map(\.address.bytes) == hosts.map(\.bytes).sorted { $0.lexicographicallyPrecedes($1) })
            #expect(try await ledger.models().elements.map(\.id) == ["test-model"])
            #expect(try await ledger.claims(in: 1).elements.isEmpty)
        }
    }

    @Test("The sessions of an account are listed to the last, over RPC")
    func sessions() async throws {
        let plan = TestLedgerPlan()
        let payer = plan.accounts[0]
        let open = MsgOpenSession(
            payer: payer.address, model: "test-model", deposit: Amount(1_000_000_000),
            sessionKey: payer.key.publicKey.compressed)
        try await RealNode.run(plan) { url, ordering in
            let ledger = RPCLedger(url: url)
            let account = try #require(try await ledger.account(payer.address))
            let feePerByte = try await ledger.parameters().economy.feePerByteNgonka
            var last = Bytes()
            for (index, left) in stride(from: Self.count, to: 0, by: -Ledger.Limits.messagesMax).enumerated() {
                let messages = Array(repeating: open, count: min(left, Ledger.Limits.messagesMax))
                var transaction = TestTransaction(
                    messages, by: payer.key.publicKey, accountNumber: account.number,
                    sequence: account.sequence + UInt64(index))
                transaction.offer(perByte: feePerByte)
                last = transaction.signed(by: payer.key)
                guard left > Ledger.Limits.messagesMax else { break }
                #expect(try await ordering.broadcast(last).isAccepted)
            }
            #expect(try await ledger.submit(last).isAccepted)
            let listed = try await ledger.sessionIDs(of: payer.address)
            #expect(listed.isComplete)
            #expect(listed.elements == (1...UInt64(Self.count)).map { $0 })
        }
    }

    @Test("A list is cut at its bound and says so", arguments: [(9, true), (10, true), (11, false), (14, false)])
    func bound(records: Int, isComplete: Bool) async throws {
        let ledger = PagedLedger(records: records, pageSize: 5)
        let listed = try await ledger.list([1, 2], recordsMax: 10)
        #expect(listed.isComplete == isComplete)
        #expect(listed.elements.map(\.key) == (0..<min(records, 10)).map(PagedLedger.key))
        #expect(await ledger.answers <= 3)
    }

    @Test(
        "Answers that lead nowhere are refused, and not asked for again",
        arguments: [
            StateRange(records: [], hasMore: true),
            StateRange(records: [PagedLedger.record(2), PagedLedger.record(1)]),
            StateRange(records: [PagedLedger.record(1), PagedLedger.record(1)]),
            StateRange(records: [StateRecord(key: [1, 3], value: [])]),
            StateRange(records: [PagedLedger.record(1)], hasMore: true),
        ])
    func malformed(answer: StateRange) async throws {
        let ledger = PagedLedger(always: answer)
        let error = await #expect(throws: LedgerAccessError.self) { try await ledger.list([1, 2]) }
        guard case .malformed = try #require(error) else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(await ledger.answers <= 2)
    }
}

/// A table of numbered records that is handed out in pages, or the same answer for ever.
private actor PagedLedger: LedgerAccess {
    private let records: [StateRecord]
    private let pageSize: Int
    private let always: StateRange?
    private(set) var answers = 0

    init(records: Int, pageSize: Int) {
        self.records = (0..<records).map(PagedLedger.record)
        self.pageSize = pageSize
        always = nil
    }

    init(always answer: StateRange) { (records, pageSize, always) = ([], 0, answer) }

    static func key(_ number: Int) -> Bytes { [1, 2, UInt8(number)] }
    static func record(_ number: Int) -> StateRecord { StateRecord(key: key(number), value: [7]) }

    func range(_ query: StateRangeQuery) throws(LedgerAccessError) -> StateRange {
        answers += 1
        if let always { return always }
        let rest = records.filter { query.position.lexicographicallyPrecedes($0.key) }
        return StateRange(records: Array(rest.prefix(pageSize)), hasMore: rest.count > pageSize)
    }

    func status() throws(LedgerAccessError) -> LedgerStatus { throw .refused("not asked") }
    func read(_ key: Bytes, proving: Bool) throws(LedgerAccessError) -> StoreAnswer { throw .refused("not asked") }
    func appHash(after height: UInt64) throws(LedgerAccessError) -> Hash32 { throw .refused("not asked") }
    func submit(_ transaction: Bytes) throws(LedgerAccessError) -> SubmissionResult { throw .refused("not asked") }
}
