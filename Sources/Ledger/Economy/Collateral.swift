import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore

/// Coins that secure a host's weight, and all that a host put down on its way back: its bond too, once it has left.
enum Collateral {
    /// Pays out withdrawals whose epoch has begun, a bounded number a block.
    static func payDue(in context: inout ExecutionContext) throws(LedgerError) {
        let epoch = context.block.parameters.epochSchedule.index(at: context.block.height)
        // Most blocks have none to pay: one look at the first says so.
        guard let first = context.state.scan(prefix: StateTable.withdrawals.prefix, limit: 1).first,
            try context.decode(WithdrawalRecord.self, first).epoch <= epoch
        else { return }
        for entry in context.state.scan(
            prefix: StateTable.withdrawals.prefix, limit: Limits.withdrawalsPerBlockMax)
        {
            let record = try context.decode(WithdrawalRecord.self, entry)
            guard record.epoch <= epoch else { return }
            context.state.delete(entry.key)
            try BankModule.move(record.amount, from: .collateral, to: .balance(record.host), in: &context)
            context.emit(
                "collateral_withdrawn", ("host", record.host.bech32), ("amount", record.amount.description))
        }
    }

    /// Sends coins that lie in this purse on their way back to a host: they secure nothing any more, and wait for evidence of what
    /// they stood for.
    ///
    /// - Returns: the epoch whose beginning pays them out.
    static func giveBack(
        _ amount: Amount, to host: Address, in context: inout ExecutionContext
    ) throws(LedgerError) -> UInt64 {
        let epoch = try openEpochs(in: context).upperBound
        guard amount > .zero else { return epoch }
        let key = StateKey.withdrawal(epoch: epoch, host: host)
        var record =
            try context.read(WithdrawalRecord.self, at: key)
            ?? WithdrawalRecord(host: host, epoch: epoch, amount: .zero)
        let waiting = record.amount
        record.amount = try checked { () throws(ArithmeticError) in try waiting.adding(amount) }
        context.write(record, at: key)
        return epoch
    }

    /// Takes a part of each of a host's withdrawals, the one that is paid out soonest first. The coins stay in the purse.
    ///
    /// - Parameter part: what is taken of one, at most all of it.
    /// - Returns: what was taken of all.
    static func takeLeaving(
        of host: Address, in context: inout ExecutionContext, _ part: (Amount) throws(LedgerError) -> Amount
    ) throws(LedgerError) -> Amount {
        var taken = Amount.zero
        for epoch in try openEpochs(in: context) {
            let key = StateKey.withdrawal(epoch: epoch, host: host)
            guard var waiting = try context.read(WithdrawalRecord.self, at: key) else { continue }
            let (whole, before, piece) = (waiting.amount, taken, try part(waiting.amount))
            waiting.amount = try checked { () throws(ArithmeticError) in try whole.subtracting(piece) }
            taken = try checked { () throws(ArithmeticError) in try before.adding(piece) }
            if waiting.amount == .zero { context.state.delete(key) } else { context.write(waiting, at: key) }
        }
        return taken
    }

    /// The epochs whose beginnings pay out what is withdrawn in this block, or was and is still here.
    static func openEpochs(in context: ExecutionContext) throws(LedgerError) -> ClosedRange<UInt64> {
        let now = context.block.parameters.epochSchedule.index(at: context.block.height)
        let last = try checked { () throws(ArithmeticError) in try now.adding(waitEpochs) }
        return now...last
    }

    /// A withdrawal waits for a whole epoch after the one it was ordered in.
    private static let waitEpochs: UInt64 = 2
}
