import Cryptography
import Messages
import Primitives

/// Puts another operator key in force at once; the old one can sign nothing more.
enum RotateOperatorKeyHandler: MessageHandler {
    static func apply(_ message: MsgRotateOperatorKey, in context: inout ExecutionContext) throws(LedgerError) {
        var host = try HostsModule.servingHost(message.host, in: context)
        try HostsWrites.openOperatorAccount(of: message.operatorKey, in: &context)
        try HostsWrites.noteOperatorKey(
            of: message.host, message.operatorKey, replacing: host.operatorKey, in: &context)
        host.operatorKey = message.operatorKey
        context.write(host, at: StateKey.host(message.host))
        context.emit(
            "operator_key_rotated", ("host", message.host.bech32), ("operator_key", Hex.encode(message.operatorKey)))
    }
}
