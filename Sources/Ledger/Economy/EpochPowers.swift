import Messages
import Primitives
import ProtocolRules
import StateStore

/// Which powers in consensus follow from weights.
enum EpochPowers {
    /// Moves them one step towards the weights that were confirmed now and before. Who is away keeps what is withheld of it, but
    /// nothing moves towards it: what it has back is less with every epoch.
    static func move(
        from before: [Address: UInt64], to now: [Address: UInt64], in context: inout ExecutionContext
    ) throws(LedgerError) {
        var weights: [VotingPower] = []
        let away = try ConsensusReads.away(in: context)
        for host in now.keys.sorted() {
            if away.contains(host) { continue }
            weights.append(VotingPower(address: host, power: min(now[host] ?? 0, before[host] ?? 0)))
        }
        let old = try ConsensusReads.powers(in: context)
        let powers = VotingPowerRules.step(
            from: old.map { VotingPower(address: $0.host, power: $0.power.addingClamped($0.withheld)) },
            to: VotingPowerRules.target(weights))
        replace(old, by: powers, in: &context)
    }

    /// Those of the first block, from the weights that genesis gives.
    static func begin(in context: inout ExecutionContext) throws(LedgerError) {
        let totals = try WeightTable(in: context).totals
        let weights = totals.keys.sorted().map { VotingPower(address: $0, power: totals[$0] ?? 0) }
        replace([], by: VotingPowerRules.target(weights), in: &context)
    }

    private static func replace(
        _ old: [ValidatorRecord], by powers: [VotingPower], in context: inout ExecutionContext
    ) {
        let kept = Set(powers.map(\.address))
        for record in old where !kept.contains(record.host) {
            context.state.delete(StateKey.validator(record.host))
        }
        let away = Set(old.filter { $0.withheld > 0 }.map(\.host))
        for power in powers {
            let isAway = away.contains(power.address)
            context.write(
                ValidatorRecord(
                    host: power.address, power: isAway ? 0 : power.power, withheld: isAway ? power.power : 0),
                at: StateKey.validator(power.address))
        }
    }
}
