import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore

/// What an account pays that was found to cheat, or that lost a dispute. Each cause is punished once: whoever calls this has used
/// up the cause (a score that starts over, an item that is settled).
enum Conviction {
    /// Takes effect at once: no weight, no power, no claims until the next sprint, no emission for this epoch, and a part of
    /// what secures the weight.
    static func convict(_ address: Address, in context: inout ExecutionContext) throws(LedgerError) {
        guard var host = try HostsReads.host(address, in: context) else { return }
        let schedule = context.block.parameters.epochSchedule
        let epoch = schedule.index(at: context.block.height)
        host.barredUntilEpoch = try checked { () throws(ArithmeticError) in try epoch.adding(1) }
        context.write(host, at: StateKey.host(address))
        if host.state == .active {
            for model in host.models {
                context.write(WeightRecord(host: address, weight: 0), at: StateKey.weight(model: model, host: address))
            }
        }
        if context.state.value(for: StateKey.validator(address)) != nil {
            context.write(ValidatorRecord(host: address, power: 0), at: StateKey.validator(address))
        }
        try HostsWrites.note(address, in: &context) { $0.isConvicted = true }
        let slashed = try slash(address, in: &context)
        context.emit(
            "host_convicted", ("host", address.bech32), ("until_epoch", "\(host.barredUntilEpoch)"),
            ("slashed", slashed.description))
    }

    /// Takes `audits.slash_parts_per_million` of what the host put down; it goes to the pool.
    private static func slash(_ address: Address, in context: inout ExecutionContext) throws(LedgerError) -> Amount {
        let share = context.block.parameters.audits.slashPartsPerMillion
        let host = try context.expect(HostRecord.self, at: StateKey.host(address))
        let part = try checked { () throws(ArithmeticError) in
            try host.bond.shareRoundingDown(partsPerMillion: share)
        }
        return try collect(part, from: address, in: &context)
    }

    /// Takes up to `amount` of what the host put down, into the pool.
    ///
    /// - Returns: what there was to take.
    static func collect(
        _ amount: Amount, from address: Address, in context: inout ExecutionContext
    ) throws(LedgerError) -> Amount {
        guard var host = try HostsReads.host(address, in: context) else { return .zero }
        let taken = min(amount, host.bond)
        host.bond = try checked { () throws(ArithmeticError) in try host.bond.subtracting(taken) }
        context.write(host, at: StateKey.host(address))
        try BankModule.move(taken, from: .bonds, to: .pool, in: &context)
        return taken
    }
}
