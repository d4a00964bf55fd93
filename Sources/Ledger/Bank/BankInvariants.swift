import Messages
import Primitives

enum BankInvariants {
    /// Checked after every block, in release too: the purses add up to what was ever created less what was burned.
    static func checkSupply(_ supply: SupplyRecord) throws(LedgerError) {
        let purses = [supply.balances, supply.bonds, supply.deposits, supply.pool, supply.collateral, supply.vesting]
        let held = purses.reduce(UInt128(0)) { $0 + UInt128($1.ngonka) }
        let created = UInt128(supply.genesis.ngonka) + UInt128(supply.minted.ngonka)
        let expected = Int128(created) - Int128(supply.burned.ngonka)
        guard Int128(held) == expected else {
            throw .broken("the purses hold \(held) ngonka, but genesis + minted − burned = \(expected)")
        }
    }

    /// Recounts every balance; tests and audits use it, a block does not.
    static func recount(in context: ExecutionContext) throws(LedgerError) {
        var sum = UInt128(0)
        try context.forEach(AccountRecord.self, in: .accounts) { sum += UInt128($0.balance.ngonka) }
        try context.expect(Int(clamping: context.supply.accounts), in: .accounts)
        guard sum == UInt128(context.supply.balances.ngonka) else {
            throw .broken("accounts hold \(sum) ngonka, but the supply record says \(context.supply.balances)")
        }
    }
}
