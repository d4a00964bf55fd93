import LedgerClient
import Messages
import Primitives
import ProtocolRules

/// The samples of all settled claims of all kinds of rounds, each counted once.
struct SampleCounts {
    private let ledger: RPCLedger
    /// Rounds that have not settled yet.
    private var pending: [UInt64] = []
    /// The id of the newest round that was looked at.
    private var newest: UInt64 = 0
    private(set) var rounds = 0
    private(set) var counted: UInt64 = 0
    private(set) var bad: UInt64 = 0
    private(set) var notScored: UInt64 = 0

    init(ledger: RPCLedger) { self.ledger = ledger }

    /// Adds what was settled since the last call.
    mutating func follow() async throws {
        let last = try await ledger.newestRound()
        if last > newest { pending += (newest + 1)...last }
        newest = last
        var left: [UInt64] = []
        for id in pending {
            guard let round = try await ledger.round(id) else { continue }
            guard round.isSettled else {
                left.append(id)
                continue
            }
            rounds += 1
            for tally in try await ledger.claims(in: id).elements.flatMap(\.outcomes).map(\.tally) {
                counted += tally.counted
                bad += tally.bad
                notScored += tally.drawn - min(tally.drawn, tally.counted)
            }
        }
        pending = left
    }
}
