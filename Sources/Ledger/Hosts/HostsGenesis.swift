import Cryptography
import Messages
import Primitives

enum HostsGenesis {
    /// Registers the first hosts as any host registers, then gives them the weights that hold until a sprint proves others.
    static func build(_ hosts: [GenesisHost], in context: inout ExecutionContext) throws(LedgerError) {
        for entry in hosts {
            try RegisterHostHandler.apply(entry.registration, in: &context)
            for weight in entry.weights { try give(weight, to: entry.registration, in: &context) }
        }
    }

    private static func give(
        _ weight: GenesisWeight, to host: MsgRegisterHost, in context: inout ExecutionContext
    ) throws(LedgerError) {
        guard host.models.contains(weight.model) else {
            throw .broken("genesis: a weight for \(weight.model), which \(host.host.bech32) does not serve")
        }
        guard try HostsReads.weight(of: host.host, model: weight.model, in: context) == 0 else {
            throw .broken("genesis: two weights of \(host.host.bech32) for \(weight.model)")
        }
        context.write(
            WeightRecord(host: host.host, weight: weight.weight),
            at: StateKey.weight(model: weight.model, host: host.host))
    }
}
