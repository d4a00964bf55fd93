import Messages
import Primitives
import ProtocolRules
import StateStore

/// Coins that are released in equal parts, one at the beginning of each epoch.
enum Vesting {
    /// The longest release, in epochs.
    static let epochsMax: UInt64 = 1_460

    /// What one account is to get, released in parts.
    struct Grant {
        let account: Address
        let amount: Amount
    }

    /// Notes the parts of coins that lie in the purse already. What does not divide comes with the first part.
    static func promise(
        _ amount: Amount, to account: Address, over epochs: UInt64, in context: inout ExecutionContext
    ) throws(LedgerError) {
        let key = StateKey.vesting(account)
        let now = context.block.parameters.epochSchedule.index(at: context.block.height)
        // The first epoch releases nothing, whether genesis promises it or a block.
        let next = try checked { () throws(ArithmeticError) in try max(1, now).adding(1) }
        var record =
            try context.read(VestingRecord.self, at: key) ?? VestingRecord(account: account, epoch: next, amounts: [])
        try record.add(amount, over: epochs)
        context.write(record, at: key)
    }

    /// Releases what is due at the beginning of `epoch`, and promises what the last one brought: each record is read and written
    /// once for both. Takes time in proportion to the accounts that have something to come.
    ///
    /// - Parameters:
    ///   - grants: ascending by account, none twice; their coins lie in the purse already.
    ///   - epochs: over how many epochs they are released, at least one where there are any.
    static func release(
        at epoch: UInt64, granting grants: [Grant] = [], over epochs: UInt64 = 1, in context: inout ExecutionContext
    ) throws(LedgerError) {
        var waiting = grants[...]
        var page = context.state.scan(prefix: StateTable.vesting.prefix, limit: Limits.scanPage)
        while let last = page.last {
            for entry in page {
                let record = try context.decode(VestingRecord.self, entry)
                while let grant = waiting.first, grant.account < record.account {
                    try promise(grant.amount, to: grant.account, over: epochs, in: &context)
                    waiting.removeFirst()
                }
                var grant: Amount?
                if let first = waiting.first, first.account == record.account {
                    grant = first.amount
                    waiting.removeFirst()
                }
                try release(record, at: entry.key, epoch: epoch, granting: grant, over: epochs, in: &context)
            }
            page = context.state.scan(prefix: StateTable.vesting.prefix, after: last.key, limit: Limits.scanPage)
        }
        for grant in waiting { try promise(grant.amount, to: grant.account, over: epochs, in: &context) }
    }

    private static func release(
        _ before: VestingRecord, at key: Bytes, epoch: UInt64, granting grant: Amount?, over epochs: UInt64,
        in context: inout ExecutionContext
    ) throws(LedgerError) {
        var record = before
        guard record.epoch == epoch, let amount = record.amounts.first else {
            throw .broken("the vesting of \(Hex.encode(key)) is of epoch \(record.epoch), and \(epoch) begins")
        }
        record.amounts.removeFirst()
        record.epoch += 1
        if let grant { try record.add(grant, over: epochs) }
        if record.amounts.isEmpty { context.state.delete(key) } else { context.write(record, at: key) }
        try BankModule.move(Amount(amount), from: .vesting, to: .balance(record.account), in: &context)
    }
}

extension VestingRecord {
    /// Adds equal parts of `amount` to what comes next.
    fileprivate mutating func add(_ amount: Amount, over epochs: UInt64) throws(LedgerError) {
        let (part, rest) = amount.ngonka.quotientAndRemainder(dividingBy: max(1, epochs))
        let missing = Int(clamping: epochs) - amounts.count
        if missing > 0 { amounts += Array(repeating: 0, count: missing) }
        for place in 0..<Int(clamping: epochs) {
            let (sum, added) = (amounts[place], place == 0 ? part + rest : part)
            amounts[place] = try checked { () throws(ArithmeticError) in try sum.adding(added) }
        }
    }
}
