import Messages
import Primitives

enum BankGenesis {
    /// Creates the accounts in the order given; their sum is the genesis supply.
    static func build(_ accounts: [GenesisAccount], in context: inout ExecutionContext) throws(LedgerError) {
        for entry in accounts {
            var account = try BankWrites.openAccount(entry.address, in: &context)
            account.balance = try checked { () throws(ArithmeticError) in try account.balance.adding(entry.balance) }
            BankWrites.put(account, at: entry.address, in: &context)
            let (genesis, balances) = (context.supply.genesis, context.supply.balances)
            context.supply.genesis = try checked { () throws(ArithmeticError) in try genesis.adding(entry.balance) }
            context.supply.balances = try checked { () throws(ArithmeticError) in try balances.adding(entry.balance) }
        }
    }
}
