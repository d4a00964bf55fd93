import Messages
import Primitives
import Synchronization

/// A ledger whose records are believed with their proofs only. It has no lists: nothing proves that a list is whole.
public final class ProvenLedger: LedgerAccess {
    private let ledger: any LedgerAccess
    private let blocks: (any LedgerAccess)?
    private let oldestRead = Mutex<ProvenRead?>(nil)

    /// - Parameters:
    ///   - ledger: who is asked.
    ///   - blocks: whose blocks' app hashes are believed; nil for the same node's.
    public init(_ ledger: any LedgerAccess, trusting blocks: (any LedgerAccess)? = nil) {
        self.ledger = ledger
        self.blocks = blocks
    }

    /// Of all that was read, what was proven at the lowest height.
    public var oldest: ProvenRead? { oldestRead.withLock { $0 } }

    public func status() async throws(LedgerAccessError) -> LedgerStatus { try await (blocks ?? ledger).status() }

    /// - Throws: `.unproven` where the proof does not hold.
    public func read(_ key: Bytes, proving: Bool) async throws(LedgerAccessError) -> StoreAnswer {
        let read = try await ledger.readProven(key, trusting: blocks)
        oldestRead.withLock { oldest in
            if oldest.map({ read.height < $0.height }) ?? true { oldest = read }
        }
        return StoreAnswer(value: read.value, proof: [], height: read.height)
    }

    /// - Throws: `.unproven`, always.
    public func range(_ query: StateRangeQuery) async throws(LedgerAccessError) -> StateRange {
        throw .unproven("a list has no proof; ask for its records one by one")
    }

    public func appHash(after height: UInt64) async throws(LedgerAccessError) -> Hash32 {
        try await (blocks ?? ledger).appHash(after: height)
    }

    public func submit(_ transaction: Bytes) async throws(LedgerAccessError) -> SubmissionResult {
        try await ledger.submit(transaction)
    }
}
