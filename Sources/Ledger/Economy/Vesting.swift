import Messages
import Primitives
import ProtocolRules
import StateStore

/// Coins that are released in equal parts, one at the beginning of each epoch.
enum Vesting {
    /// The longest release, in epochs.
    static let epochsMax: UInt64 = 1_460

    /// Moves `amount` to an account: at once where `epochs` is 0, else in that many parts from the next epoch on. What does not
    /// divide comes with the first part.
    static func grant(
        _ amount: Amount, from source: BankModule.Purse, to account: Address, over epochs: UInt64,
        in context: inout ExecutionContext
    ) throws(LedgerError) {
        guard amount > .zero else { return }
        guard epochs > 0 else {
            return try BankModule.move(amount, from: source, to: .balance(account), in: &context)
        }
        try BankModule.move(amount, from: source, to: .vesting, in: &context)
        try promise(amount, to: account, over: epochs, in: &context)
    }

    /// Notes the parts of coins that lie in the purse already.
    static func promise(
        _ amount: Amount, to account: Address, over epochs: UInt64, in context: inout ExecutionContext
    ) throws(LedgerError) {
        let now = context.block.parameters.epochSchedule.index(at: context.block.height)
        // The first epoch releases nothing, whether genesis promises it or a block.
        let next = try checked { () throws(ArithmeticError) in try max(1, now).adding(1) }
        let key = StateKey.vesting(account)
        var record =
            try context.read(VestingRecord.self, at: key) ?? VestingRecord(account: account, epoch: next, amounts: [])
        let (part, rest) = amount.ngonka.quotientAndRemainder(dividingBy: epochs)
        let missing = Int(clamping: epochs) - record.amounts.count
        if missing > 0 { record.amounts += Array(repeating: 0, count: missing) }
        for place in 0..<Int(clamping: epochs) {
            let (sum, added) = (record.amounts[place], place == 0 ? part + rest : part)
            record.amounts[place] = try checked { () throws(ArithmeticError) in try sum.adding(added) }
        }
        context.write(record, at: key)
    }

    /// Releases what is due at the beginning of `epoch`. Takes time in proportion to the accounts that have something to come.
    static func release(at epoch: UInt64, in context: inout ExecutionContext) throws(LedgerError) {
        var page = context.state.scan(prefix: StateTable.vesting.prefix, limit: Limits.scanPage)
        while let last = page.last {
            for entry in page { try release(entry, at: epoch, in: &context) }
            page = context.state.scan(prefix: StateTable.vesting.prefix, after: last.key, limit: Limits.scanPage)
        }
    }

    private static func release(
        _ entry: StateEntry, at epoch: UInt64, in context: inout ExecutionContext
    ) throws(LedgerError) {
        var record = try context.decode(VestingRecord.self, entry)
        guard record.epoch == epoch, let amount = record.amounts.first else {
            throw .broken("the vesting of \(Hex.encode(entry.key)) is of epoch \(record.epoch), and \(epoch) begins")
        }
        record.amounts.removeFirst()
        record.epoch += 1
        if record.amounts.isEmpty { context.state.delete(entry.key) } else { context.write(record, at: entry.key) }
        try BankModule.move(Amount(amount), from: .vesting, to: .balance(record.account), in: &context)
    }
}
