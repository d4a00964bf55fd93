import Cryptography
import Messages
import Primitives
import StateStore

enum HostsWrites {
    /// Lists `host` under each model it serves, with the weight it had, and takes it off all others.
    static func listModels(_ models: [String], of host: HostRecord, in context: inout ExecutionContext)
        throws(LedgerError)
    {
        for model in host.models where !models.contains(model) {
            context.state.delete(StateKey.weight(model: model, host: host.address))
        }
        for model in models {
            let weight = try HostsReads.weight(of: host.address, model: model, in: context)
            context.write(WeightRecord(weight: weight), at: StateKey.weight(model: model, host: host.address))
        }
    }

    /// Puts an operator key in force: its account exists from now on, so that duty messages need no coins.
    static func bindOperator(_ key: PublicKey, to host: Address, in context: inout ExecutionContext) throws(LedgerError)
    {
        let account = key.address
        if try HostsReads.host(ofOperator: account, in: context) != nil {
            throw HostsRejection.operatorKeyInUse.error
        }
        context.state.write(host.bytes, for: HostsKeys.operatorIndex(account))
        _ = try BankWrites.openAccount(account, in: &context)
    }

    /// Frees the keys and listings of a host that left.
    static func releaseKeys(of host: HostRecord, in context: inout ExecutionContext) {
        for model in host.models { context.state.delete(StateKey.weight(model: model, host: host.address)) }
        context.state.delete(HostsKeys.consensusIndex(host.consensusKey))
        if let key = PublicKey(compressed: host.operatorKey) {
            context.state.delete(HostsKeys.operatorIndex(key.address))
        }
    }
}
