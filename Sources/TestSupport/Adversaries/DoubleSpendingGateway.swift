import Messages
import Primitives

/// Promises the whole deposit of a session to each of its executors.
public struct DoubleSpendingGateway {
    private let ledger: TestLedger
    private let payer: TestAccount

    public init(_ ledger: TestLedger, payer: TestAccount) {
        self.ledger = ledger
        self.payer = payer
    }

    /// What an executor would claim that believed the voucher: one item for all of the deposit.
    public func claim(by executor: Address, of session: SessionRecord) -> SessionClaim {
        SessionClaim(
            session: session.id, firstNumber: 1, count: 1, fee: session.deposit,
            voucher: ledger.voucher(session: session.id, executor: executor, amount: session.deposit, by: payer))
    }
}
