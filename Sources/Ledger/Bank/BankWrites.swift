import Messages
import Primitives

enum BankWrites {
    static func put(_ account: AccountRecord, at address: Address, in context: inout ExecutionContext) {
        context.write(account, at: StateKey.account(address))
    }

    /// The account, created with the next number where the address was never used.
    static func openAccount(_ address: Address, in context: inout ExecutionContext) throws(LedgerError) -> AccountRecord
    {
        if let account = try context.read(AccountRecord.self, at: StateKey.account(address)) { return account }
        let last = context.supply.accounts
        let account = AccountRecord(number: try checked { () throws(ArithmeticError) in try last.adding(1) })
        context.supply.accounts = account.number
        put(account, at: address, in: &context)
        return account
    }
}
