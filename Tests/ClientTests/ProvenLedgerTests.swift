import LedgerClient
import Messages
import Primitives
import Testing

/// Whose word a proven read takes, and how old it may be.
@Suite struct ProvenLedgerTests {
    /// Answers with nothing at one height, of a chain that is at another.
    private struct FixedNode: LedgerAccess {
        let height: UInt64
        var tip: UInt64 = 0

        func status() async throws(LedgerAccessError) -> LedgerStatus {
            LedgerStatus(chainID: "test", height: tip, appHash: .zero)
        }

        func read(_ key: Bytes, proving: Bool) async throws(LedgerAccessError) -> StoreAnswer {
            StoreAnswer(value: [], proof: [], height: height)
        }

        func range(_ query: StateRangeQuery) async throws(LedgerAccessError) -> StateRange {
            throw .refused("not asked")
        }

        func appHash(after height: UInt64) async throws(LedgerAccessError) -> Hash32 { .zero }

        func submit(_ transaction: Bytes) async throws(LedgerAccessError) -> SubmissionResult {
            throw .refused("not asked")
        }
    }

    /// An account that was rich a year ago is proven as well as today's.
    @Test func anOldStateIsNotBelieved() async throws {
        let ledger = ProvenLedger(FixedNode(height: 5), trusting: FixedNode(height: 0, tip: 100))
        let failure = await #expect(throws: LedgerAccessError.self) { try await ledger.read([1], proving: false) }
        #expect(failure == .unproven("it is of height 5, and the chain is at 100"))
        #expect(ledger.oldest == nil)
    }

    @Test func aListIsNotBelieved() async throws {
        let ledger = ProvenLedger(FixedNode(height: 5, tip: 6))
        let query = StateRangeQuery(prefix: [1])
        let failure = await #expect(throws: LedgerAccessError.self) { try await ledger.range(query) }
        guard case .unproven = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }
}
