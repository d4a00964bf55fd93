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

    /// Takes `audits.slash_parts_per_million` of all that the host put down, bond, collateral and what of them is on its way back;
    /// it goes to the pool. One that is gone has nothing else.
    ///
    /// - Returns: what was taken.
    static func slash(_ address: Address, in context: inout ExecutionContext) throws(LedgerError) -> Amount {
        let share = context.block.parameters.audits.slashPartsPerMillion
        var host = try context.expect(HostRecord.self, at: StateKey.host(address))
        let (bond, fromBond) = try split(host.bond, share)
        let (collateral, fromCollateral) = try split(host.collateral, share)
        (host.bond, host.collateral) = (bond, collateral)
        context.write(host, at: StateKey.host(address))
        try BankModule.move(fromBond, from: .bonds, to: .pool, in: &context)
        let fromLeaving = try Collateral.takeLeaving(of: address, in: &context) { (amount) throws(LedgerError) in
            try split(amount, share).taken
        }
        let taken = try checked { () throws(ArithmeticError) in try fromCollateral.adding(fromLeaving) }
        try BankModule.move(taken, from: .collateral, to: .pool, in: &context)
        return try checked { () throws(ArithmeticError) in try taken.adding(fromBond) }
    }

    private static func split(
        _ amount: Amount, _ partsPerMillion: UInt64
    ) throws(LedgerError) -> (left: Amount, taken: Amount) {
        try checked { () throws(ArithmeticError) in
            let taken = try amount.shareRoundingDown(partsPerMillion: partsPerMillion)
            return (try amount.subtracting(taken), taken)
        }
    }

    /// Takes up to `amount` of what the host put down, into the pool: collateral first, then what is on its way back, then the bond.
    ///
    /// - Returns: what there was to take.
    static func collect(
        _ amount: Amount, from address: Address, in context: inout ExecutionContext
    ) throws(LedgerError) -> Amount {
        guard var host = try HostsReads.host(address, in: context) else { return .zero }
        let fromCollateral = min(amount, host.collateral)
        var owed = amount.ngonka - fromCollateral.ngonka
        let fromLeaving = try Collateral.takeLeaving(of: address, in: &context) { leaving in
            let part = min(owed, leaving.ngonka)
            owed -= part
            return Amount(part)
        }
        let fromBond = min(Amount(owed), host.bond)
        host.collateral = Amount(host.collateral.ngonka - fromCollateral.ngonka)
        host.bond = Amount(host.bond.ngonka - fromBond.ngonka)
        context.write(host, at: StateKey.host(address))
        let secured = try checked { () throws(ArithmeticError) in try fromCollateral.adding(fromLeaving) }
        try BankModule.move(secured, from: .collateral, to: .pool, in: &context)
        try BankModule.move(fromBond, from: .bonds, to: .pool, in: &context)
        return try checked { () throws(ArithmeticError) in try secured.adding(fromBond) }
    }
}
