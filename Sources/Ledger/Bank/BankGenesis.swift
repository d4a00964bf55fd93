import Cryptography
import Messages
import Primitives

enum BankGenesis {
    /// Creates the accounts in the order given; their sum is the genesis supply.
    static func build(_ accounts: [GenesisAccount], in context: inout ExecutionContext) throws(LedgerError) {
        guard !accounts.isEmpty else { throw .broken("genesis: no account holds any coins") }
        for entry in accounts {
            guard try context.read(AccountRecord.self, at: StateKey.account(entry.address)) == nil else {
                throw .broken("genesis: the account \(entry.address.bech32) is there twice")
            }
            var account = try BankWrites.openAccount(entry.address, in: &context)
            account.balance = entry.balance
            BankWrites.put(account, at: entry.address, in: &context)
            let before = context.supply.genesis
            let sum = try checked { () throws(ArithmeticError) in try before.adding(entry.balance) }
            context.supply.genesis = sum
            context.supply.balances = sum
        }
    }
}
