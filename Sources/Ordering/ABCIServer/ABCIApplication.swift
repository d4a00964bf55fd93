import DurableFile
import Logging
import OrderingAPI
import ParallelVerification
import Primitives
import Synchronization

/// The application as CometBFT sees it, over the port that `SoloOrdering` drives too.
///
/// One actor on a thread of its own makes all calls that change something, in the order in which they come; what is read is
/// read from the last commit, beside it, so that no query waits for a block.
///
/// - `FinalizeBlock` computes and `Commit` makes durable: after a crash between the two the node sends the block again.
/// - A proposal is executed when it is judged; where it is then decided, it is not executed again.
/// - A failure of the application is final: every later call fails the same way, so that nothing wrong is signed.
actor ABCIApplication {
    private let application: any ConsensusApplication
    private let order: ProposalOrder
    private let logger: Logger
    private let executor = SerialQueueExecutor(label: "gonka.abci")
    /// What was committed last, and what checks signatures against it.
    private nonisolated let view: Mutex<View>
    private var failure: ABCIFault?
    /// The block that was executed last on top of the last commit; the application has its result.
    private var executed: OrderedBlock?
    /// Whether it is decided: nothing but its commit may come next.
    private var isFinalized = false

    struct View: Sendable {
        let snapshot: any CommittedState
        let verifier: (any TransactionVerifier)?

        init(of application: any ConsensusApplication) {
            (snapshot, verifier) = (application.snapshot, application.verifier)
        }
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Parameter application: used by nobody else from here on.
    init(application: sending any ConsensusApplication, limits: BlockLimits = BlockLimits(), logger: Logger) {
        view = Mutex(View(of: application))
        self.application = application
        order = ProposalOrder(limits: limits)
        self.logger = logger
    }

    /// What was committed last.
    nonisolated var committed: View { view.withLock { $0 } }

    // MARK: Consensus

    /// - Throws: also where this ledger has another genesis.
    func initChain(_ request: InitChainRequest) throws(ABCIFault) -> InitChainResponse {
        try stopping { () throws(ApplicationFailure) in
            let response = try application.initChain(request)
            // A consensus node that lost its data begins again.
            (executed, isFinalized) = (nil, false)
            publish()
            return response
        }
    }

    /// - Parameter bytesMax: of the whole list, as the consensus node counts.
    func prepareProposal(_ waiting: [Bytes], bytesMax: Int) throws(ABCIFault) -> [Bytes] {
        try checkRunning()
        return order.arrange(waiting, bytesMax: bytesMax, by: application.outline)
    }

    /// Whether an honest proposer can have made this block, and it can be executed. What this node has seen beside the chain
    /// plays no part, so all nodes say the same.
    func processProposal(_ block: ABCIBlock) throws(ABCIFault) -> Bool {
        try checkRunning()
        if isFinalized { throw fail(ABCIFault("a proposal between FinalizeBlock and Commit")) }
        guard order.isArranged(block.transactions, by: application.outline) else {
            logger.warning("proposal refused", metadata: ["height": "\(block.height)", "reason": "not arranged"])
            return false
        }
        do throws(ApplicationFailure) {
            _ = try execute(block)
            return true
        } catch {
            logger.error("proposal refused", metadata: ["height": "\(block.height)", "reason": "\(error)"])
            return false
        }
    }

    /// The same block may come again until it is committed, and is answered in the same way.
    func finalizeBlock(_ block: ABCIBlock) throws(ABCIFault) -> BlockResult {
        try checkRunning()
        if isFinalized, executed != block.following(application.info().lastBlockHash) {
            throw fail(ABCIFault("two blocks were decided for height \(block.height)"))
        }
        return try stopping { () throws(ApplicationFailure) in
            let result = try execute(block)
            guard result.transactionResults.count == block.transactions.count else {
                throw ApplicationFailure(
                    "\(result.transactionResults.count) results for \(block.transactions.count) transactions")
            }
            isFinalized = true
            return result
        }
    }

    /// Makes the finalised block durable.
    func commit() throws(ABCIFault) {
        try checkRunning()
        guard isFinalized else { throw fail(ABCIFault("Commit without FinalizeBlock")) }
        try stopping { () throws(ApplicationFailure) in
            try application.commit()
            (executed, isFinalized) = (nil, false)
            publish()
        }
    }

    // MARK: Mempool

    /// Signatures of new ones are checked on the caller's thread, also while a block is executed.
    @concurrent
    nonisolated func checkTransaction(
        _ bytes: Bytes, isRecheck: Bool
    ) async throws(ABCIFault) -> TransactionResult {
        let verified = isRecheck ? nil : committed.verifier?.verify(bytes)
        return try await check(bytes, isRecheck: isRecheck, verified)
    }

    private func check(
        _ bytes: Bytes, isRecheck: Bool, _ verified: (any VerifiedBytes)?
    ) throws(ABCIFault) -> TransactionResult {
        try checkRunning()
        if let verified { application.adopt([verified]) }
        return application.checkTransaction(bytes, isRecheck: isRecheck)
    }

    // MARK: Inside

    private func execute(_ block: ABCIBlock) throws(ApplicationFailure) -> BlockResult {
        let block = block.following(application.info().lastBlockHash)
        if executed != block { application.verifyBeforehand(block.transactions) }
        executed = nil
        let result = try application.finalizeBlock(block)
        executed = block
        return result
    }

    private func publish() {
        let new = View(of: application)
        view.withLock { $0 = new }
    }

    private func checkRunning() throws(ABCIFault) { if let failure { throw failure } }

    private func fail(_ fault: ABCIFault) -> ABCIFault {
        failure = fault
        return fault
    }

    private func stopping<Result>(
        _ work: () throws(ApplicationFailure) -> Result
    ) throws(ABCIFault) -> Result {
        try checkRunning()
        do throws(ApplicationFailure) { return try work() } catch { throw fail(ABCIFault(error.reason)) }
    }
}

/// A proposed or decided block. What it follows is for the application to say: CometBFT does not send it.
struct ABCIBlock: Sendable {
    let height: UInt64
    let timeMilliseconds: UInt64
    let hash: Hash32
    let transactions: [Bytes]
    let consensus: ConsensusNews

    func following(_ parent: Hash32) -> OrderedBlock {
        OrderedBlock(
            height: height, timeMilliseconds: timeMilliseconds, hash: hash, parentHash: parent,
            transactions: transactions, consensus: consensus)
    }
}
