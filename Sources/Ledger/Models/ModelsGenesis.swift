import Messages
import Primitives
import ProtocolRules
import StateStore

enum ModelsGenesis {
    static func build(_ models: [ModelRecord], in context: inout ExecutionContext) throws(LedgerError) {
        for model in models {
            guard ModelRules.isValid(id: model.id) else {
                throw .broken("genesis: the model id \(model.id.debugDescription) is not valid")
            }
            guard context.state.value(for: StateKey.model(model.id)) == nil else {
                throw .broken("genesis: the model \(model.id) is there twice")
            }
            try check(model, economy: context.block.parameters.economy)
            context.write(model, at: StateKey.model(model.id))
        }
    }

    /// Token ids are 32 bits wide; a designated token is drawn modulo the vocabulary.
    private static func check(_ model: ModelRecord, economy: EconomyParameters) throws(LedgerError) {
        guard (1...UInt64(UInt32.max)).contains(model.vocabulary), model.contextTokens > 0 else {
            throw .broken("genesis: the model \(model.id) has no vocabulary of 1 to 2³² − 1 tokens, or no context")
        }
        let bounds = economy.priceMin...economy.priceMax
        guard bounds.contains(model.prices.input), bounds.contains(model.prices.output),
            model.prices.cachedInput <= model.prices.input
        else {
            throw .broken("genesis: the prices of the model \(model.id) are not all within \(bounds)")
        }
    }
}
