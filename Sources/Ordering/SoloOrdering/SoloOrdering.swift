import Cryptography
import DurableFile
import Logging
import Metrics
import OrderingAPI
import Primitives
import Synchronization

/// The ordering of a network with one node: it puts transactions into blocks, makes the blocks durable and executes them.
/// There is nobody to agree with, so this is no consensus; the application sees the same calls as under CometBFT.
///
/// It can also follow another node: then it executes that one's blocks and makes none, for reading or keeping. It stops at the
/// first block that does not follow from its own.
///
/// One actor on a thread of its own holds application, block log and mempool, and is the only caller of all three.
///
///     let ordering = SoloOrdering(application: application, genesis: genesis, blockFile: path, logger: logger)
///     try await ordering.start()      // opens the file, executes what the application lacks
///     try await ordering.run()        // makes blocks until stopped or cancelled
///
/// What is kept: every block, in the block file. Results of transactions: the last `Limits.resultsMax`, within
/// `Limits.resultBytesMax`, in memory; after a restart those of the blocks executed again. Waiting transactions: in memory, lost with the process; a caller who was
/// not told of a block sends again.
public actor SoloOrdering {
    let application: any ReplicatedApplication
    let limits: Limits
    let clock: any BlockClock
    let metrics: MempoolMetrics
    let logger: Logger
    private let genesis: InitChainRequest
    private let blockFile: String
    private let pace: BlockPace
    /// Where blocks come from; nil where they are made here.
    let source: (any BlockSource)?
    private let executor = SerialQueueExecutor(label: "gonka.ordering")
    /// What checks signatures on callers' own threads, a block at most behind; nil while nothing is taken.
    nonisolated let earlyVerifier = Mutex<(any TransactionVerifier)?>(nil)

    /// Nil before the start and after the end.
    var chain: Chain?
    var mempool: Mempool
    var results: BoundedHistory<CommittedTransaction>
    var waiters = TransactionWaiters()
    var subscriptions: [UInt64: AsyncStream<BlockSummary>.Continuation] = [:]
    /// Of a follower: until its source has no further block.
    var isCatchingUp: Bool
    private var lastID: UInt64 = 0
    private var lastBlockAt = Duration.zero
    private var pause: Task<Void, Never>?
    private var isStopping = false
    /// How long to wait before the source is asked again.
    private var sourcePause: Duration
    /// Why there is no chain.
    private var absence = OrderingError.notStarted

    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - application: used by nobody else from here on.
    ///   - genesis: must be the one that the block file begins with, where there is a file.
    ///   - blockFile: path of the block file, created where there is none; its folder must exist.
    ///   - source: a node to follow: its blocks are executed, and none is made here.
    public init(
        application: sending any ReplicatedApplication, genesis: InitChainRequest, blockFile: String,
        pace: BlockPace = .everySecond, following source: (any BlockSource)? = nil, limits: Limits = Limits(),
        clock: any BlockClock = SystemBlockClock(), metrics: any MetricsFactory = NOOPMetricsHandler.instance,
        logger: Logger
    ) {
        self.metrics = MempoolMetrics(metrics)
        self.application = application
        self.genesis = genesis
        self.blockFile = blockFile
        self.pace = pace
        self.source = source
        isCatchingUp = source != nil
        self.limits = limits
        self.clock = clock
        self.logger = logger
        sourcePause = limits.followInterval
        mempool = Mempool(limits: limits, height: 0)
        results = BoundedHistory(countMax: limits.resultsMax, bytesMax: limits.resultBytesMax)
    }

    /// Opens the block file and executes the blocks that the application lacks. When it returns, calls are served; blocks
    /// are made only by `run`.
    public func start() throws(OrderingError) {
        if chain != nil { return }
        let log: BlockLog
        do throws(BlockLogError) {
            log = try BlockLog(path: blockFile, genesis: genesis, logger: logger)
        } catch { throw .blockLog(error) }
        var replayed = 0
        let chain = try Chain(application: application, log: log) { block, result in
            replayed += 1
            remember(result, of: block.transactions.map { .sha256($0) }, height: block.height)
        }
        mempool = Mempool(limits: limits, height: chain.tip.height)
        lastBlockAt = clock.elapsed()
        logger.info(
            "ordering started",
            metadata: [
                "height": "\(chain.tip.height)", "app_hash": "\(chain.tip.appHash)", "replayed": "\(replayed)",
            ])
        self.chain = chain
        renewVerifier()
    }

    /// Makes blocks until `stop`, cancellation or a failure. Starts first where `start` was not called. The block that is
    /// being made is finished, and then every waiting caller and subscription is let go and the block file closed.
    ///
    /// - Throws: what stopped the node; nothing where it was asked to stop.
    public func run() async throws(OrderingError) {
        do throws(OrderingError) {
            try start()
            while !isStopping && !Task.isCancelled {
                if let source {
                    try await follow(source)
                    continue
                }
                let due = pace.nextBlock(after: lastBlockAt, transactionsWait: !mempool.isEmpty)
                if clock.elapsed() >= due {
                    lastBlockAt = clock.elapsed()
                    try makeBlock()
                    // Without this, callers would wait as long as there is always a block due.
                    await Task.yield()
                } else {
                    await wait(until: due)
                }
            }
        } catch {
            logger.critical("ordering failed", metadata: ["error": "\(error)"])
            close(because: error)
            throw error
        }
        logger.info("ordering stopped", metadata: ["height": "\(chain?.tip.height ?? 0)"])
        close(because: .stopped)
    }

    /// Asks `run` to end after the block that it is making.
    public func stop() {
        isStopping = true
        wake()
    }

    /// Lets `run` look again whether a block is due.
    func wake() { pause?.cancel() }

    /// The chain, or the reason why there is none.
    func runningChain() throws(OrderingError) -> Chain {
        guard let chain else { throw absence }
        return chain
    }

    /// Lets callers verify against what was committed last; to be called after each block. A full mempool refuses everything,
    /// so a flood then costs no signatures.
    func renewVerifier() {
        let verifier = chain == nil || mempool.isFull ? nil : application.verifier
        earlyVerifier.withLock { $0 = verifier }
    }

    /// A number that no other waiter or subscription has.
    func nextID() -> UInt64 {
        lastID += 1
        return lastID
    }

    /// Takes the source's next block, or waits for it. An answer that does not come is asked for again, ever more patiently.
    private func follow(_ source: any BlockSource) async throws(OrderingError) {
        let height = try runningChain().tip.height + 1
        let fetch = Task { try await source.block(at: height) }
        // Whoever stops the node does not wait for another one's answer.
        pause = Task {
            await withTaskCancellationHandler {
                _ = await fetch.result
            } onCancel: {
                fetch.cancel()
            }
        }
        defer { pause = nil }
        let block: BlockRecord?
        do {
            block = try await withTaskCancellationHandler {
                try await fetch.value
            } onCancel: {
                fetch.cancel()
            }
            sourcePause = limits.followInterval
            isCatchingUp = block != nil
        } catch {
            if isStopping { return }
            if sourcePause == limits.followInterval {
                logger.warning("the node that is followed does not answer", metadata: ["error": "\(error)"])
            }
            block = nil
            sourcePause = min(sourcePause * 2, limits.followPauseMax)
        }
        if isStopping { return }
        guard let block else { return await wait(until: clock.elapsed() + sourcePause) }
        try take(block)
        await Task.yield()
    }

    private func wait(until deadline: Duration) async {
        let clock = clock
        let pause = Task { await clock.sleep(until: deadline) }
        self.pause = pause
        await withTaskCancellationHandler {
            await pause.value
        } onCancel: {
            pause.cancel()
        }
        self.pause = nil
    }

    private func close(because reason: OrderingError) {
        absence = reason
        chain = nil
        renewVerifier()
        waiters.fail(with: reason)
        for subscription in subscriptions.values { subscription.finish() }
        subscriptions = [:]
    }
}
