import Cryptography
import Messages
import Primitives
import StateStore

/// Replaces URL and models of an active host.
enum UpdateHostHandler: MessageHandler {
    static func apply(_ message: MsgUpdateHost, in context: inout ExecutionContext) throws(LedgerError) {
        var host = try HostsModule.servingHost(message.host, in: context)
        guard host.state == .active else { throw HostsRejection.notActive(message.host).error }
        try HostsRules.check(url: message.url)
        try HostsRules.check(models: message.models, in: context)
        try HostsWrites.listModels(message.models, of: host, in: &context)
        host.url = message.url
        host.models = message.models
        context.write(host, at: StateKey.host(message.host))
    }
}

/// Puts another operator key in force at once; the old one can sign nothing more.
enum RotateOperatorKeyHandler: MessageHandler {
    static func apply(_ message: MsgRotateOperatorKey, in context: inout ExecutionContext) throws(LedgerError) {
        var host = try HostsModule.servingHost(message.host, in: context)
        let old = try HostsRules.operatorKey(host.operatorKey)
        context.state.delete(HostsKeys.operatorIndex(old.address))
        try HostsWrites.bindOperator(HostsRules.operatorKey(message.operatorKey), to: message.host, in: &context)
        host.operatorKey = message.operatorKey
        context.write(host, at: StateKey.host(message.host))
    }
}

/// Takes a host out of all future groups. Its bond returns when the serving round after the present one has settled: until
/// then it claims what it served.
enum RetireHostHandler: MessageHandler {
    static func apply(_ message: MsgRetireHost, in context: inout ExecutionContext) throws(LedgerError) {
        var host = try HostsModule.servingHost(message.host, in: context)
        guard host.state == .active else { throw HostsRejection.notActive(message.host).error }
        host.state = .retiring
        host.retiresAfterRound = try context.lastClaimableRound()
        context.write(host, at: StateKey.host(message.host))
        context.state.write([1], for: HostsKeys.retirement(round: host.retiresAfterRound, host: message.host))
    }
}
