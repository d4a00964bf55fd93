import Messages
import Primitives

enum HostsGenesis {
    /// Registers the first hosts as any host registers, then gives them the weights that hold until a sprint proves others.
    static func build(_ hosts: [GenesisHost], in context: inout ExecutionContext) throws(LedgerError) {
        for entry in hosts {
            try RegisterHostHandler.apply(entry.registration, in: &context)
            for weight in entry.weights {
                guard entry.registration.models.contains(weight.model) else {
                    throw .broken("genesis: a weight for \(weight.model), which the host does not serve")
                }
                context.write(
                    WeightRecord(weight: weight.weight),
                    at: StateKey.weight(model: weight.model, host: entry.registration.host))
            }
        }
    }
}
