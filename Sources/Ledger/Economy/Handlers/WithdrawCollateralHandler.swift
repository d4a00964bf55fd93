import Cryptography
import Messages
import Primitives

/// Takes collateral back: it secures nothing from now on, and is paid out after a whole epoch in which it can still be slashed.
enum WithdrawCollateralHandler: MessageHandler {
    static func apply(_ message: MsgWithdrawCollateral, in context: inout ExecutionContext) throws(LedgerError) {
        guard message.amount > .zero else { throw EconomyRejection.nothingMoves.error }
        var host = try HostsModule.servingHost(message.host, in: context)
        guard host.collateral >= message.amount else {
            throw EconomyRejection.collateralTooSmall(has: host.collateral, asked: message.amount).error
        }
        let before = host.collateral
        host.collateral = try checked { () throws(ArithmeticError) in try before.subtracting(message.amount) }
        context.write(host, at: StateKey.host(message.host))
        let epoch = try Collateral.giveBack(message.amount, to: message.host, in: &context)
        context.emit(
            "collateral_leaving", ("host", message.host.bech32), ("amount", message.amount.description),
            ("paid_in_epoch", "\(epoch)"))
    }
}
