import Cryptography
import Messages
import Primitives
import StateStore

/// Replaces URL and models of an active host. A model that stays on the list keeps its weight; what was served of one that
/// goes can still be claimed. Who lost its power by absence asks for it by this message.
enum UpdateHostHandler: MessageHandler {
    static func apply(_ message: MsgUpdateHost, in context: inout ExecutionContext) throws(LedgerError) {
        var host = try HostsModule.activeHost(message.host, in: context)
        try HostsRules.check(url: message.url)
        try HostsRules.check(models: message.models, in: context)
        HostsWrites.unlist(host, from: host.models.filter { !message.models.contains($0) }, in: &context)
        HostsWrites.list(host, underNew: message.models.filter { !host.models.contains($0) }, in: &context)
        host.url = message.url
        host.models = message.models
        context.write(host, at: StateKey.host(message.host))
        try Absences.ask(for: message.host, in: &context)
        context.emit("host_updated", ("host", message.host.bech32), ("url", message.url))
    }
}
