import Cryptography
import Messages
import Primitives
import StateStore

/// Takes a host out of all future groups. It is gone when the serving round after the present one has settled: until then it
/// claims what it served. Bond and collateral are on their way back from then on.
enum RetireHostHandler: MessageHandler {
    static func apply(_ message: MsgRetireHost, in context: inout ExecutionContext) throws(LedgerError) {
        var host = try HostsModule.activeHost(message.host, in: context)
        HostsWrites.unlist(host, from: host.models, in: &context)
        context.state.delete(StateKey.validator(message.host))
        context.state.delete(StateKey.absence(message.host))
        host.state = .retiring
        host.retiresAfterRound = try context.lastClaimableSerial()
        context.write(host, at: StateKey.host(message.host))
        context.state.write([1], for: HostsKeys.retirement(round: host.retiresAfterRound, host: message.host))
        context.emit(
            "host_retiring", ("host", message.host.bech32), ("after_round", "\(host.retiresAfterRound)"))
    }
}
