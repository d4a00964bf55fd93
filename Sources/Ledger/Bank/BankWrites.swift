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
        let account = AccountRecord(number: context.supply.nextAccountNumber)
        context.supply.nextAccountNumber = try checked { () throws(ArithmeticError) in
            try account.number.adding(1)
        }
        put(account, at: address, in: &context)
        return account
    }
}
