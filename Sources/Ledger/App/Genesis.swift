import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import StateStore
import WireFormat

/// The state before the first block. The modules build their parts in the order of their dependencies.
enum Genesis {
    static func build(_ request: InitChainRequest) throws(LedgerError) -> StateTransaction {
        let genesis: GenesisState
        do throws(WireError) {
            genesis = try GenesisState.decode(request.applicationState)
        } catch {
            throw .broken("it is not a canonical genesis state: \(error)")
        }
        try check(chainID: request.chainID)
        let block = BlockContext(
            chainID: request.chainID, height: 0, hash: .zero, parentHash: .zero, parameters: genesis.parameters)
        var context = ExecutionContext(
            block: block, hooks: SessionClaims.self, state: StateTransaction(over: StateTree()), supply: SupplyRecord())
        EpochsGenesis.build(
            genesis,
            chain: ChainRecord(
                chainID: request.chainID, genesisTimeMilliseconds: request.genesisTimeMilliseconds),
            in: &context)
        BeaconGenesis.build(chainID: request.chainID, in: &context)
        try BankGenesis.build(genesis.accounts, in: &context)
        try ModelsGenesis.build(genesis.models, in: &context)
        try HostsGenesis.build(genesis.hosts, in: &context)
        try EconomyGenesis.build(genesis, in: &context)
        _ = try ConsensusModule.endBlock(in: &context)
        try BankInvariants.checkSupply(context.supply)
        context.write(context.supply, at: StateKey.supply)
        return context.state
    }

    /// `gonka-swift-<name>-<n>`. Never the real network's: this is an independent implementation, its coins have no value, and
    /// no signature made for it may mean anything elsewhere.
    private static func check(chainID: String) throws(LedgerError) {
        let parts = chainID.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        let isNumbered = parts.last?.allSatisfy { (0x30...0x39).contains($0) } ?? false
        let isPlain = chainID.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d }
        guard isPlain, chainID.hasPrefix("gonka-swift-"), parts.count >= 4, !parts.contains(where: \.isEmpty),
            isNumbered, chainID.utf8.count <= Limits.chainIDBytesMax
        else {
            throw .broken("the chain id \(chainID.debugDescription) is not gonka-swift-<name>-<n>")
        }
    }
}
