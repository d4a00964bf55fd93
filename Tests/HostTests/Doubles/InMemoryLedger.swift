import Cryptography
import Ledger
import LedgerClient
import Messages
import OrderingAPI
import Primitives
import StateStore
import TestSupport
import WireFormat

/// The real ledger in memory behind the port that hosts see: each transaction gets a block of its own, other blocks come
/// when the test asks. Answers can be made to fail.
actor InMemoryLedger: LedgerAccess {
    private let ledger: TestLedger
    private var failuresLeft = 0
    /// Transactions that reach a block whose answer then gets lost.
    private var lostAnswers = 0
    /// Records that are read as something else than the ledger holds.
    private var replaced: [Bytes: Bytes] = [:]
    private(set) var submissions = 0
    private(set) var reads = 0
    /// Whether a block follows every transaction's own, so that groups are drawn without a test's doing.
    private var drawsAtOnce = false

    init(_ plan: TestLedgerPlan = TestLedgerPlan()) throws {
        ledger = try TestLedger(plan)
        ledger.audits = false
    }

    /// Uses the ledger directly.
    func run<Value: Sendable>(_ body: @Sendable (TestLedger) throws -> Value) rethrows -> Value { try body(ledger) }

    /// The next `count` calls fail.
    func fail(_ count: Int) { failuresLeft = count }

    func replace(_ key: Bytes, with record: some CanonicalMessage) { replaced[key] = record.encoded() }

    func loseAnswers(_ count: Int) { lostAnswers = count }

    func drawAtOnce() { drawsAtOnce = true }

    func status() throws(LedgerAccessError) -> LedgerStatus {
        try mayFail()
        return LedgerStatus(chainID: TestLedger.chainID, height: ledger.height, appHash: ledger.appHash)
    }

    func read(_ key: Bytes, proving: Bool) throws(LedgerAccessError) -> StoreAnswer {
        try mayFail()
        reads += 1
        let value = replaced[key] ?? ledger.app.state.tree.value(for: key) ?? []
        return StoreAnswer(value: value, proof: [], height: ledger.height)
    }

    func range(_ query: StateRangeQuery) throws(LedgerAccessError) -> StateRange {
        try mayFail()
        let answer = ledger.app.query(QueryRequest(path: "/range", data: query.encoded()))
        do { return try StateRange.decode(answer.value) } catch { throw .malformed("\(error)") }
    }

    func appHash(after height: UInt64) throws(LedgerAccessError) -> Hash32 { ledger.appHash }

    func submit(_ transaction: Bytes) throws(LedgerAccessError) -> SubmissionResult {
        try mayFail()
        submissions += 1
        do {
            let result = try ledger.block([transaction]).transactionResults[0]
            if drawsAtOnce { try ledger.block() }
            if lostAnswers > 0 {
                lostAnswers -= 1
                throw LedgerAccessError.unreachable("the answer got lost")
            }
            return SubmissionResult(
                hash: .sha256(transaction), height: ledger.height, code: result.code, codespace: result.codespace,
                log: result.log,
                events: result.events.map { event in
                    SubmissionEvent(
                        type: event.type,
                        attributes: event.attributes.map { SubmissionEvent.Attribute(key: $0.key, value: $0.value) })
                })
        } catch let error as LedgerAccessError {
            throw error
        } catch {
            throw .refused("\(error)")
        }
    }

    private func mayFail() throws(LedgerAccessError) {
        guard failuresLeft > 0 else { return }
        failuresLeft -= 1
        throw .unreachable("the node restarts")
    }
}
