import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import StateStore
import WireFormat

/// The ledger behind an ordering: genesis, mempool checks, blocks, commits, queries.
///
/// The state lives in memory as a `StateTree` and durably in a `StateStorage`, one atomic commit a block. `finalizeBlock`
/// keeps its result aside; only `commit` makes it the state that others see.
public final class LedgerApp: ConsensusApplication {
    private let storage: any StateStorage
    private var committed: StoredState
    /// The block that left `committed` behind; zero at height 0.
    private var lastBlockHash: Hash32
    private var pending: PendingBlock?
    private let verified = VerifiedTransactions()
    /// What the mempool's transactions would leave behind: a sender's second transaction is checked after its first.
    private var mempool: ExecutionContext?

    /// A finalised block that is not durable yet.
    private struct PendingBlock {
        let block: OrderedBlock
        let commit: StateCommit
        let result: BlockResult
    }

    /// Opens the ledger on what `storage` holds.
    public init(storage: any StateStorage) throws(ApplicationFailure) {
        self.storage = storage
        do throws(StateStorageError) {
            committed = try storage.load() ?? StoredState(chainID: "", height: 0, tree: StateTree())
        } catch {
            throw ApplicationFailure(error.description)
        }
        lastBlockHash = try LedgerApp.lastBlockHash(of: committed)
    }

    public var snapshot: any CommittedState { LedgerSnapshot(state: committed, lastBlockHash: lastBlockHash) }

    public func info() -> ApplicationInfo { snapshot.info }

    /// The committed state, for readers in the same process.
    public var state: StoredState { committed }

    public func initChain(_ request: InitChainRequest) throws(ApplicationFailure) -> InitChainResponse {
        guard committed.height == 0 else { throw ApplicationFailure("this ledger is at height \(committed.height)") }
        let genesis: StateCommit
        do throws(LedgerError) {
            let (tree, changes) = try Genesis.build(request).finish()
            genesis = StateCommit(
                state: StoredState(chainID: request.chainID, height: 0, tree: tree), changes: changes)
            if committed.tree.isEmpty { try persist(genesis) }
        } catch {
            throw ApplicationFailure("the genesis is not usable: \(error.sentence)")
        }
        guard genesis.state.appHash == committed.appHash else {
            throw ApplicationFailure("this ledger has another genesis, with app hash \(committed.appHash)")
        }
        do throws(LedgerError) {
            return InitChainResponse(
                appHash: committed.appHash, validators: try ConsensusModule.validators(of: committed))
        } catch {
            throw ApplicationFailure(error.sentence)
        }
    }

    public var verifier: (any TransactionVerifier)? { LedgerVerifier(state: committed) }

    public func adopt(_ verified: [any VerifiedBytes]) {
        self.verified.adopt(verified.compactMap { $0 as? VerifiedTransaction })
    }

    public func checkTransaction(_ bytes: Bytes, isRecheck: Bool) -> TransactionResult {
        defer { verified.forgetAdopted() }
        do throws(LedgerError) {
            var context = if let mempool { mempool } else { try mempoolContext() }
            let result = try pipeline.check(bytes, in: &context)
            mempool = context
            return result
        } catch {
            let reason = CommonRejection.unavailable(error.sentence)
            return TransactionResult(code: reason.code, codespace: CommonRejection.codespace, log: reason.sentence)
        }
    }

    public func finalizeBlock(_ block: OrderedBlock) throws(ApplicationFailure) -> BlockResult {
        if let pending, pending.block == block { return pending.result }
        guard block.height == committed.height + 1 else {
            throw ApplicationFailure("block \(block.height) cannot follow height \(committed.height)")
        }
        guard block.parentHash == lastBlockHash else {
            throw ApplicationFailure(
                "block \(block.height) follows block \(block.parentHash), and the last one here is \(lastBlockHash)")
        }
        defer { verified.forgetAdopted() }
        do throws(LedgerError) {
            let executed = try BlockExecution(state: committed, pipeline: pipeline).run(block)
            pending = PendingBlock(block: block, commit: executed.commit, result: executed.result)
            return executed.result
        } catch {
            throw ApplicationFailure("block \(block.height): \(error.sentence)")
        }
    }

    public func commit() throws(ApplicationFailure) {
        guard let pending else { throw ApplicationFailure("there is no finalised block to commit") }
        do throws(LedgerError) { try persist(pending.commit) } catch { throw ApplicationFailure(error.sentence) }
        lastBlockHash = pending.block.hash
        self.pending = nil
    }

    public func query(_ request: QueryRequest) -> QueryResponse { snapshot.query(request) }

    private var pipeline: TransactionPipeline {
        TransactionPipeline(chainID: committed.chainID, verified: verified)
    }

    private func persist(_ commit: StateCommit) throws(LedgerError) {
        do throws(StateStorageError) { try storage.commit(commit) } catch { throw .broken(error.description) }
        committed = commit.state
        mempool = nil
    }

    private static func lastBlockHash(of state: StoredState) throws(ApplicationFailure) -> Hash32 {
        guard !state.tree.isEmpty else { return .zero }
        guard let record = state.tree.value(for: StateKey.chain) else {
            throw ApplicationFailure("the state does not say which chain it is of")
        }
        do throws(WireError) {
            return try ChainRecord.decode(record).blockHash
        } catch {
            throw ApplicationFailure("the state's record of its chain is damaged: \(error)")
        }
    }

    private func mempoolContext() throws(LedgerError) -> ExecutionContext {
        try ExecutionContext.next(
            over: committed, height: committed.height + 1, hash: .zero, parentHash: .zero)
    }
}

extension LedgerError {
    /// For people.
    var sentence: String {
        switch self {
        case .rejected(let rejection): rejection.sentence
        case .broken(let reason): reason
        }
    }
}
