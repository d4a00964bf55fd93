import Messages
import Primitives

/// Moves coins from the signer to another account. Exactly one coin, of the base denomination, above zero.
enum SendHandler: MessageHandler {
    static func apply(_ message: MsgSend, in context: inout ExecutionContext) throws(LedgerError) {
        guard message.coins.count == 1, let amount = message.coins[0].inBaseCoins else {
            throw BankRejection.invalidCoins("one coin of \(Amount.denomination) is moved at a time").error
        }
        guard amount > .zero else { throw BankRejection.invalidCoins("the amount must be above zero").error }
        try BankModule.move(amount, from: .balance(message.from), to: .balance(message.to), in: &context)
        BankEvents.transferred(amount, from: message.from, to: message.to, in: &context)
    }
}
