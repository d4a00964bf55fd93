import Messages
import Primitives
import ProtocolRules

/// Makes a part of its items with another model, and does not open those of them that are sampled: its score never rises.
public final class SelectiveOpener: HostBehaviour {
    private unowned let network: SimulatedNetwork
    private let badPercent: UInt64
    private var numbers: SplitMix64

    public init(_ network: SimulatedNetwork, badPercent: UInt64, seed: UInt64) {
        self.network = network
        self.badPercent = badPercent
        numbers = SplitMix64(seed: seed)
    }

    public func quality(of kind: RoundKind) -> ItemQuality {
        numbers.happens(badPercent) ? .otherModel : .honest
    }

    public func lastLook(at message: any LedgerMessage, beside others: [any LedgerMessage]) -> (any LedgerMessage)? {
        guard var opening = message as? MsgOpenItems,
            let claim = try? network.ledger.record(
                ClaimRecord.self, at: StateKey.claim(round: opening.round, host: opening.host))
        else { return message }
        opening.entries = opening.entries.compactMap { entry in
            guard let known = network.duties.entry(claim.entries[Int(entry.entry)].root) else { return nil }
            let good = entry.proof.indices.filter { known.items[Int($0)].quality == .honest }
            return known.opened(entry.entry, at: good)
        }
        return opening.entries.isEmpty ? nil : opening
    }
}
