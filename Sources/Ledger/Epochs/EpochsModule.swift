import Messages
import Primitives
import ProtocolRules

/// The ledger's clock: which chain, which block, which epoch. Everything is a height; nothing reads the time.
enum EpochsModule {
    static func beginBlock(in context: inout ExecutionContext) throws(LedgerError) {
        let schedule = context.block.parameters.epochSchedule
        guard schedule.isFirst(context.block.height) else { return }
        let epoch = schedule.index(at: context.block.height)
        context.emit("epoch_began", ("epoch", "\(epoch)"))
        try freezeAuditors(of: epoch, in: &context)
    }

    /// Fixes who audits each model in this epoch, with what weight.
    private static func freezeAuditors(of epoch: UInt64, in context: inout ExecutionContext) throws(LedgerError) {
        var listed: [(model: String, hosts: [DrawEntry])] = []
        var weights: [Address: UInt64] = [:]
        for model in try ModelsModule.all(in: context) {
            let hosts = try HostsReads.drawable(model: model.id, in: context)
            weights.reserveCapacity(hosts.count)
            var sum: UInt64 = 0
            for host in hosts {
                weights[host.address, default: 0] &+= host.weight
                sum.addClamped(host.weight)
            }
            context.listedWeights[model.id] = sum
            listed.append((model.id, hosts))
        }
        for (model, hosts) in listed {
            context.write(
                AuditorsRecord(
                    epoch: epoch, model: model, hosts: hosts.map(\.address),
                    weights: hosts.map { weights[$0.address] ?? 0 }),
                at: StateKey.auditors(epoch: epoch, model: model))
        }
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
