import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import StateStore
import WireFormat

/// One block on top of a state: begin, transactions, end, invariants, app hash. A pure function.
struct BlockExecution {
    let state: StoredState
    let pipeline: TransactionPipeline

    func run(_ block: OrderedBlock) throws(LedgerError) -> (commit: StateCommit, result: BlockResult) {
        var context = try ExecutionContext.next(
            over: state, height: block.height, hash: block.hash, parentHash: block.parentHash)
        try EconomyModule.beginBlock(in: &context)
        try ConsensusModule.beginBlock(block.consensus, in: &context)
        try EpochsModule.beginBlock(in: &context)
        try BeaconModule.beginBlock(in: &context)
        try RoundsModule.beginBlock(in: &context)
        try SessionsModule.beginBlock(in: &context)
        var results: [TransactionResult] = []
        results.reserveCapacity(block.transactions.count)
        for transaction in block.transactions { results.append(try pipeline.execute(transaction, in: &context)) }
        try RoundsModule.endBlock(in: &context)
        try SessionsModule.endBlock(in: &context)
        try BeaconModule.endBlock(in: &context)
        try EpochsModule.endBlock(in: &context)
        let updates = try ConsensusModule.endBlock(in: &context)
        try BankInvariants.checkSupply(context.supply)
        context.write(context.supply, at: StateKey.supply)
        let (tree, changes) = context.state.finish()
        let next = StoredState(chainID: state.chainID, height: block.height, tree: tree)
        let result = BlockResult(
            transactionResults: results, events: context.events, appHash: next.appHash, validatorUpdates: updates)
        return (StateCommit(state: next, changes: changes), result)
    }
}

extension ExecutionContext {
    /// A context for the block at `height` on top of a committed state.
    static func next(
        over state: StoredState, height: UInt64, hash: Hash32, parentHash: Hash32
    ) throws(LedgerError) -> ExecutionContext {
        let transaction = StateTransaction(over: state.tree)
        let parameters = try decode(ProtocolParameters.self, at: StateKey.parameters, of: state)
        let block = BlockContext(
            chainID: state.chainID, height: height, hash: hash, parentHash: parentHash, parameters: parameters)
        let supply = try decode(SupplyRecord.self, at: StateKey.supply, of: state)
        return ExecutionContext(block: block, hooks: SessionClaims.self, state: transaction, supply: supply)
    }

    private static func decode<Record: CanonicalMessage>(
        _ type: Record.Type, at key: Bytes, of state: StoredState
    ) throws(LedgerError) -> Record {
        guard let bytes = state.tree.value(for: key) else { throw .broken("the ledger has no genesis") }
        do { return try Record.decode(bytes) } catch { throw .broken("the \(type) of the state is damaged: \(error)") }
    }
}
