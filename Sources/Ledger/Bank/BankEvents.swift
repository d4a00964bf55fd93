import Cryptography
import Primitives

enum BankEvents {
    /// Wallets search transfers by these names.
    static func transferred(_ amount: Amount, from: Address, to: Address, in context: inout ExecutionContext) {
        let (coins, sender, receiver) = (amount.description, from.bech32, to.bech32)
        context.emit("coin_spent", ("spender", sender), ("amount", coins))
        context.emit("coin_received", ("receiver", receiver), ("amount", coins))
        context.emit("transfer", ("recipient", receiver), ("sender", sender), ("amount", coins))
    }
}
