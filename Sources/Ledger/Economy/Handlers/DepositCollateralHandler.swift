import Cryptography
import Messages
import Primitives

/// Puts coins down that secure the signer's weight from the end of this epoch on.
enum DepositCollateralHandler: MessageHandler {
    static func apply(_ message: MsgDepositCollateral, in context: inout ExecutionContext) throws(LedgerError) {
        guard message.amount > .zero else { throw EconomyRejection.nothingMoves.error }
        var host = try HostsModule.activeHost(message.host, in: context)
        try BankModule.move(message.amount, from: .balance(message.host), to: .collateral, in: &context)
        let before = host.collateral
        host.collateral = try checked { () throws(ArithmeticError) in try before.adding(message.amount) }
        context.write(host, at: StateKey.host(message.host))
        context.emit(
            "collateral_deposited", ("host", message.host.bech32), ("amount", message.amount.description))
    }
}
