import Messages
import Primitives
import ProtocolRules

/// The ledger's clock: which chain, which block, which epoch. Everything is a height; nothing reads the time.
enum EpochsModule {
    static func beginBlock(in context: inout ExecutionContext) {
        let schedule = context.block.parameters.epochSchedule
        guard schedule.isFirst(context.block.height) else { return }
        context.emit("epoch_began", ("epoch", "\(schedule.index(at: context.block.height))"))
    }

    /// Notes the block as executed: its hash is what the next block draws groups with.
    static func endBlock(in context: inout ExecutionContext) throws(LedgerError) {
        var chain = try context.expect(ChainRecord.self, at: StateKey.chain)
        chain.height = context.block.height
        chain.blockHash = context.block.hash
        context.write(chain, at: StateKey.chain)
    }
}

enum EpochsGenesis {
    static func build(_ genesis: GenesisState, chain: ChainRecord, in context: inout ExecutionContext) {
        context.write(chain, at: StateKey.chain)
        context.write(genesis.parameters, at: StateKey.parameters)
    }
}
