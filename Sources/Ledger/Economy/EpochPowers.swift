import Messages
import Primitives
import ProtocolRules
import StateStore

/// The powers in consensus.
enum EpochPowers {
    /// Moves them one step towards the weights that were confirmed now and before.
    static func move(
        from before: [Address: UInt64], to now: [Address: UInt64], in context: inout ExecutionContext
    ) throws(LedgerError) {
        let weights = now.keys.sorted().map { host in
            VotingPower(address: host, power: min(now[host] ?? 0, before[host] ?? 0))
        }
        let old = try all(in: context)
        let powers = VotingPowerRules.step(
            from: old.map { VotingPower(address: $0.host, power: $0.power) }, to: VotingPowerRules.target(weights))
        replace(old, by: powers, in: &context)
    }

    /// Those of the first block, from the weights that genesis gives.
    static func begin(in context: inout ExecutionContext) throws(LedgerError) {
        let totals = try WeightTable(in: context).totals
        let weights = totals.keys.sorted().map { VotingPower(address: $0, power: totals[$0] ?? 0) }
        replace([], by: VotingPowerRules.target(weights), in: &context)
    }

    /// Ascending by address.
    static func all(in context: ExecutionContext) throws(LedgerError) -> [ValidatorRecord] {
        var records: [ValidatorRecord] = []
        try context.forEach(ValidatorRecord.self, in: .validators) { records.append($0) }
        return records
    }

    private static func replace(
        _ old: [ValidatorRecord], by powers: [VotingPower], in context: inout ExecutionContext
    ) {
        let kept = Set(powers.map(\.address))
        for record in old where !kept.contains(record.host) {
            context.state.delete(StateKey.validator(record.host))
        }
        for power in powers {
            context.write(
                ValidatorRecord(host: power.address, power: power.power), at: StateKey.validator(power.address))
        }
    }
}
