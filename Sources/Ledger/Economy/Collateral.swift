import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore

/// Coins that secure a host's weight.
enum Collateral {
    /// Pays out withdrawals whose epoch has begun, a bounded number a block.
    static func payDue(in context: inout ExecutionContext) throws(LedgerError) {
        let epoch = context.block.parameters.epochSchedule.index(at: context.block.height)
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

    /// The epochs whose beginnings pay out what is withdrawn in this block, or was and is still here.
    static func openEpochs(in context: ExecutionContext) throws(LedgerError) -> ClosedRange<UInt64> {
        let now = context.block.parameters.epochSchedule.index(at: context.block.height)
        let last = try checked { () throws(ArithmeticError) in try now.adding(waitEpochs) }
        return now...last
    }

    /// A withdrawal waits for a whole epoch after the one it was ordered in.
    private static let waitEpochs: UInt64 = 2
}
