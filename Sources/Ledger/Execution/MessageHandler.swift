import Messages

/// What one kind of message does. Permissions were checked before; what a handler throws undoes all that it did.
protocol MessageHandler {
    associatedtype Message: LedgerMessage

    static func apply(_ message: Message, in context: inout ExecutionContext) throws(LedgerError)
}
