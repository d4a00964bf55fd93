import Messages
import Primitives

enum SessionsReads {
    static func session(_ id: UInt64, in context: ExecutionContext) throws(LedgerError) -> SessionRecord {
        guard let session = try context.read(SessionRecord.self, at: StateKey.session(id)) else {
            throw SessionsRejection.unknownSession(id).error
        }
        return session
    }

    /// The session, open or closing: one whose deposit still pays.
    static func payingSession(_ id: UInt64, in context: ExecutionContext) throws(LedgerError) -> SessionRecord {
        let session = try session(id, in: context)
        guard session.state == .open || session.state == .closing else {
            throw SessionsRejection.notOpen(id, state: session.state.name).error
        }
        return session
    }

    static func openSession(_ id: UInt64, in context: ExecutionContext) throws(LedgerError) -> SessionRecord {
        let session = try session(id, in: context)
        guard session.state == .open else { throw SessionsRejection.notOpen(id, state: session.state.name).error }
        return session
    }
}
