import Cryptography
import Primitives

enum BankEvents {
    /// Wallets search transfers by these names.
    static func transferred(_ amount: Amount, from: Address, to: Address, in context: inout ExecutionContext) {
        let coins = amount.description
        context.emit("coin_spent", ("spender", from.bech32), ("amount", coins))
        context.emit("coin_received", ("receiver", to.bech32), ("amount", coins))
        context.emit("transfer", ("recipient", to.bech32), ("sender", from.bech32), ("amount", coins))
    }
}
