import Messages
import Primitives

/// Accounts and every movement of coins. Read this first, then `Handlers/SendHandler.swift`.
///
/// All movements go through `move`, which takes from one purse what it gives to another; so coins can neither appear
/// nor vanish, whatever another module gets wrong.
enum BankModule {
    /// Where coins can be.
    enum Purse: Equatable {
        case balance(Address)
        /// Refundable bonds of hosts; each host's part stands in its record.
        case bonds
        /// Deposits of sessions; each session's part stands in its record.
        case deposits
        /// The community pool.
        case pool
        /// Destroyed. Nothing is ever taken from here.
        case burned
    }

    /// Moves `amount`; a balance that is too small refuses it, a common purse that is too small is a broken ledger.
    static func move(
        _ amount: Amount, from source: Purse, to target: Purse, in context: inout ExecutionContext
    ) throws(LedgerError) {
        guard amount > .zero else { return }
        try take(amount, from: source, in: &context)
        try give(amount, to: target, in: &context)
    }

    private static func take(
        _ amount: Amount, from purse: Purse, in context: inout ExecutionContext
    ) throws(LedgerError) {
        if case .balance(let address) = purse {
            var account = try BankReads.account(address, in: context)
            guard account.balance >= amount else {
                throw BankRejection.insufficientFunds(has: account.balance, needs: amount).error
            }
            account.balance = try checked { () throws(ArithmeticError) in try account.balance.subtracting(amount) }
            BankWrites.put(account, at: address, in: &context)
        }
        guard let path = total(of: purse) else { throw .broken("coins cannot be taken from \(purse)") }
        guard context.supply[keyPath: path] >= amount else {
            throw .broken(
                "the purse \(purse) holds \(context.supply[keyPath: path]), less than the \(amount) taken from it")
        }
        let before = context.supply[keyPath: path]
        context.supply[keyPath: path] = try checked { () throws(ArithmeticError) in try before.subtracting(amount) }
    }

    private static func give(_ amount: Amount, to purse: Purse, in context: inout ExecutionContext) throws(LedgerError)
    {
        if case .balance(let address) = purse {
            var account = try BankWrites.openAccount(address, in: &context)
            account.balance = try checked { () throws(ArithmeticError) in try account.balance.adding(amount) }
            BankWrites.put(account, at: address, in: &context)
        }
        let path = total(of: purse) ?? \.burned
        let before = context.supply[keyPath: path]
        context.supply[keyPath: path] = try checked { () throws(ArithmeticError) in try before.adding(amount) }
    }

    /// The field of the supply record that counts a purse; nil for what was burned.
    private static func total(of purse: Purse) -> WritableKeyPath<SupplyRecord, Amount>? {
        switch purse {
        case .balance: \.balances
        case .bonds: \.bonds
        case .deposits: \.deposits
        case .pool: \.pool
        case .burned: nil
        }
    }
}
