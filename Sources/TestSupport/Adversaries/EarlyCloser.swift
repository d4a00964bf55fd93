import Messages
import OrderingAPI
import Primitives

/// Closes its session when the work is done and before anybody could claim it.
public struct EarlyCloser {
    private let ledger: TestLedger
    private let payer: TestAccount

    public init(_ ledger: TestLedger, payer: TestAccount) {
        self.ledger = ledger
        self.payer = payer
    }

    /// Sends the closing in a block of its own.
    ///
    /// - Returns: whether the ledger took it.
    public func close(_ session: UInt64) throws -> Bool {
        try ledger.run(MsgCloseSession(payer: payer.address, session: session), by: payer).isAccepted
    }
}
