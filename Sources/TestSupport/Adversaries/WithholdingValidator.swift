import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore

/// Makes a part of its items with another model, and speaks last in the beacon: it keeps its secret where the seed without it samples
/// fewer of them.
public final class WithholdingValidator: HostBehaviour {
    private unowned let network: SimulatedNetwork
    private let host: Address
    private let badPercent: UInt64
    private var numbers: SplitMix64
    /// Intervals in which it kept its secret.
    public private(set) var withheld: UInt64 = 0
    /// Whether it looks at the seeds at all.
    private let grinds: Bool

    public init(_ network: SimulatedNetwork, host: Address, badPercent: UInt64, seed: UInt64, grinds: Bool = true) {
        self.network = network
        self.host = host
        self.badPercent = badPercent
        self.grinds = grinds
        numbers = SplitMix64(seed: seed)
    }

    public func quality(of kind: RoundKind) -> ItemQuality {
        numbers.happens(badPercent) ? .otherModel : .honest
    }

    public func reveals(_ choice: BeaconChoice) -> Bool {
        guard grinds, let given = badSamples(under: choice.given, at: choice.height),
            let kept = badSamples(under: choice.kept, at: choice.height), kept < given
        else { return true }
        withheld += 1
        return false
    }

    /// How many of its sampled items would be bad ones; nil where it has no claim whose draw ends here.
    private func badSamples(under seed: Hash32, at height: UInt64) -> Int? {
        let ledger = network.ledger
        guard let rounds = try? ledger.unsettledRounds() else { return nil }
        var bad: Int?
        for round in rounds where round.timetable.window(.draw).upperBound == height {
            let key = StateKey.claim(round: round.id, host: host)
            guard let claim = try? ledger.record(ClaimRecord.self, at: key) else { continue }
            for entry in claim.entries { bad = (bad ?? 0) + badSamples(of: entry, round, seed) }
        }
        return bad
    }

    private func badSamples(of entry: ClaimEntry, _ round: RoundRecord, _ seed: Hash32) -> Int {
        let key = StateKey.roundModel(round.id, model: entry.model)
        guard let known = network.duties.entry(entry.root),
            let model = try? network.ledger.record(RoundModelRecord.self, at: key)
        else { return 0 }
        let audit = entry.audit(claimant: host, round: round, model: model, seed: seed)
        return (0..<audit.sampleCount).count { number in
            known.item(at: audit.point(number), by: audit.measure)?.quality != .honest
        }
    }
}
