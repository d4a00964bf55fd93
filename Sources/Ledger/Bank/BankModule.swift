import Messages
import Primitives

/// Accounts and every movement of coins. Read this first, then `Handlers/SendHandler.swift`.
///
/// All movements go through `move` and `burn`, which take from one purse what they give to another; so coins can neither
/// appear nor vanish, whatever another module gets wrong.
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
        /// What secures hosts' weights, and all that is on its way back to hosts, bonds of those that left included.
        case collateral
        /// What is released later; each account's part stands in its record.
        case vesting
    }

    /// Moves `amount`; a balance that is too small refuses it, a common purse that is too small is a broken ledger.
    static func move(
        _ amount: Amount, from source: Purse, to target: Purse, in context: inout ExecutionContext
    ) throws(LedgerError) {
        guard amount > .zero else { return }
        if case .balance(let address) = source {
            var account = try BankReads.account(address, in: context)
            try debit(&account, amount)
            BankWrites.put(account, at: address, in: &context)
        }
        try context.supply.debit(source, amount)
        if case .balance(let address) = target {
            var account = try BankWrites.openAccount(address, in: &context)
            account.balance = try checked { () throws(ArithmeticError) in try account.balance.adding(amount) }
            BankWrites.put(account, at: address, in: &context)
        }
        try context.supply.credit(target, amount)
    }

    /// Makes new coins.
    static func mint(
        _ amount: Amount, to purse: Purse, in context: inout ExecutionContext
    ) throws(LedgerError) {
        let minted = context.supply.minted
        context.supply.minted = try checked { () throws(ArithmeticError) in try minted.adding(amount) }
        try context.supply.credit(purse, amount)
    }

    /// Destroys a fee, out of an account that the caller holds and writes back.
    static func burn(
        _ fee: Amount, from account: inout AccountRecord, in context: inout ExecutionContext
    ) throws(LedgerError) {
        try debit(&account, fee)
        let (balances, burned) = (context.supply.balances, context.supply.burned)
        context.supply.balances = try checked { () throws(ArithmeticError) in try balances.subtracting(fee) }
        context.supply.burned = try checked { () throws(ArithmeticError) in try burned.adding(fee) }
    }

    private static func debit(_ account: inout AccountRecord, _ amount: Amount) throws(LedgerError) {
        guard account.balance >= amount else {
            throw BankRejection.insufficientFunds(has: account.balance, needs: amount).error
        }
        account.balance = try checked { () throws(ArithmeticError) in try account.balance.subtracting(amount) }
    }
}

extension SupplyRecord {
    fileprivate mutating func debit(_ purse: BankModule.Purse, _ amount: Amount) throws(LedgerError) {
        try change(purse) { (total) throws(LedgerError) in
            guard total >= amount else {
                throw .broken("the purse \(purse) holds \(total), less than the \(amount) taken from it")
            }
            return try checked { () throws(ArithmeticError) in try total.subtracting(amount) }
        }
    }

    fileprivate mutating func credit(_ purse: BankModule.Purse, _ amount: Amount) throws(LedgerError) {
        try change(purse) { (total) throws(LedgerError) in
            try checked { () throws(ArithmeticError) in try total.adding(amount) }
        }
    }

    private mutating func change(
        _ purse: BankModule.Purse, _ change: (Amount) throws(LedgerError) -> Amount
    ) throws(LedgerError) {
        switch purse {
        case .balance: balances = try change(balances)
        case .bonds: bonds = try change(bonds)
        case .deposits: deposits = try change(deposits)
        case .pool: pool = try change(pool)
        case .collateral: collateral = try change(collateral)
        case .vesting: vesting = try change(vesting)
        }
    }
}
