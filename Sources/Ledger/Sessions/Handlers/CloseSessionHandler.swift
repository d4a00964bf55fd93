import Messages
import Primitives

/// Begins to close an open session at its payer's wish.
enum CloseSessionHandler: MessageHandler {
    static func apply(_ message: MsgCloseSession, in context: inout ExecutionContext) throws(LedgerError) {
        let session = try SessionsReads.openSession(message.session, in: context)
        try SessionsModule.beginClosing(session.id, in: &context)
    }
}
