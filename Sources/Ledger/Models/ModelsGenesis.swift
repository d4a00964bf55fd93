import Messages

enum ModelsGenesis {
    static func build(_ models: [ModelRecord], in context: inout ExecutionContext) throws(LedgerError) {
        for model in models {
            guard ModelRules.isValid(id: model.id) else {
                throw .broken("genesis: the model id \(model.id) is not valid")
            }
            context.write(model, at: StateKey.model(model.id))
        }
    }
}
