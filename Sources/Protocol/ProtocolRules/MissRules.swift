import Cryptography
import Primitives

/// Who sees a request that its executor left unanswered, and when a refusal for load is no miss (protocol.md section 6). Gateways
/// ask by these rules, hosts answer by them, the ledger judges by them.
public enum MissRules {
    /// Witnesses of one request; all must say the same.
    public static let witnessCount = 2
    /// Misses of one executor that one session counts: what two members of its group can accuse a third of.
    public static let missesPerExecutorMax = 64

    /// The beacon interval whose seed draws the witnesses of a request that was signed at `height`: the last one that was over then.
    ///
    /// - Returns: nil at height 0, which is no block's.
    public static func seedInterval(at height: UInt64, of schedule: BeaconSchedule) -> UInt64? {
        let interval = schedule.index(at: height)
        return interval > 0 ? interval - 1 : nil
    }

    /// Two of the session's group without the executor, each weighing 1.
    ///
    /// - Returns: in the order of the draw; none where the group is too small to have two.
    public static func witnesses(
        session: UInt64, sequence: UInt64, executor: Address, members: [Address], seed: Hash32
    ) -> [Address] {
        let others = DrawEntries(members.filter { $0 != executor }.map { DrawEntry(address: $0, weight: 1) })
        guard others.count >= witnessCount else { return [] }
        return Draw.witness(session: session, sequence: sequence).pick(witnessCount, from: others, seed: seed)
    }

    /// Whether a host that claimed so many tokens of a round may refuse the rest: at least half of what it proved for such a window.
    public static func mayRefuse(served: UInt64, proven: UInt64) -> Bool { served >= proven - proven / 2 }
}
