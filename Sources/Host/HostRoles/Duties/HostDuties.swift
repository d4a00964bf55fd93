import EngineAPI
import LedgerClient
import Logging
import Messages
import Primitives

/// Everything that a host owes the network besides answering and claiming: synthetic work, audits, openings, the beacon.
///
/// Each step looks at the ledger, lets every role begin what is due, and sends the one message whose window ends first: an
/// account's transactions come one by one, a block apart at worst.
public actor HostDuties {
    private let view: HostLedgerView
    private let registry: ClaimRegistry
    let book: AuditBook
    private let desk: AuditDesk
    let sprints: SprintWorker
    let audits: AuditKeeper
    private let opener: ItemOpener
    private let beacon: BeaconDuty
    private let sender: DutySender
    private let logger: Logger
    /// The last refusal of each duty, so that the log does not repeat it with every block.
    private var refusals: [DutySender.Duty: String] = [:]
    private let refusalsMax: Int

    /// What the roles are made of.
    public struct Parts: Sendable {
        public let identity: HostIdentity
        public let engines: [any Engine]
        public let ledger: any LedgerAccess
        public let view: HostLedgerView
        public let registry: ClaimRegistry
        public let sprints: SprintStore
        public let auditLog: AuditLog
        public let sender: DutySender
        package let source: any AuditSource
        public let limits: Limits
        public let clock: any Clock<Duration>
        public let metrics: HostMetrics
        public let logger: Logger

        package init(
            identity: HostIdentity, engines: [any Engine], ledger: any LedgerAccess, view: HostLedgerView,
            registry: ClaimRegistry, sprints: SprintStore, auditLog: AuditLog, sender: DutySender,
            source: any AuditSource, limits: Limits = Limits(), clock: any Clock<Duration> = ContinuousClock(),
            metrics: HostMetrics = HostMetrics(), logger: Logger
        ) {
            self.identity = identity
            self.engines = engines
            self.ledger = ledger
            self.view = view
            self.registry = registry
            self.sprints = sprints
            self.auditLog = auditLog
            self.sender = sender
            self.source = source
            self.limits = limits
            self.clock = clock
            self.metrics = metrics
            self.logger = logger
        }
    }

    /// Answers auditors.
    public nonisolated var auditDesk: AuditDesk { desk }

    public init(_ parts: Parts) {
        (view, registry, sender, logger) = (parts.view, parts.registry, parts.sender, parts.logger)
        let (identity, ledger, limits) = (parts.identity, parts.ledger, parts.limits)
        refusalsMax = limits.dutiesRememberedMax
        book = AuditBook(identity: identity, ledger: ledger)
        desk = AuditDesk(
            identity: identity, book: book, registry: registry, view: view, ledger: ledger, limits: limits)
        sprints = SprintWorker(
            identity: identity, engines: parts.engines, store: parts.sprints, ledger: ledger, limits: limits,
            clock: parts.clock, logger: logger)
        audits = AuditKeeper(
            identity: identity, book: book, log: parts.auditLog, ledger: ledger,
            examiner: AuditExaminer(
                identity: identity, engines: EnginePool.byModel(parts.engines), ledger: ledger, view: view,
                source: parts.source,
                gate: AttemptGate(places: limits.auditsAtOnceMax), limits: limits, clock: parts.clock, logger: logger),
            limits: limits, metrics: parts.metrics, logger: logger)
        opener = ItemOpener(identity: identity, book: book, registry: registry, ledger: ledger, logger: logger)
        beacon = BeaconDuty(identity: identity, ledger: ledger, logger: logger)
    }

    /// Looks at the ledger once and does what is due.
    ///
    /// - Returns: whether a message was sent, so that it is worth looking again at once.
    /// - Throws: `ItemLogError`, after which the host must stop; `LedgerAccessError`, after which it may look again.
    @discardableResult
    public func step() async throws -> Bool {
        let now = try await view.refresh()
        let rounds = await registry.rounds
        // First, as what is made after the window's end is lost.
        try await sprints.step(rounds, now)
        try await book.follow(rounds, now)
        await desk.forgetVisits(except: Set(rounds.map(\.id)))
        var offers = try await audits.step(now)
        offers += try await opener.offers(now)
        if let offer = try await beacon.offer(now) { offers.append(offer) }
        for offer in offers.sorted(by: { $0.last < $1.last }) {
            if await sender.isDue(offer.duty, height: now.height) {
                try await send(offer, now)
                return true
            }
        }
        return false
    }

    private func send(_ offer: DutyOffer, _ now: HostLedgerView.Snapshot) async throws(LedgerAccessError) {
        let kind = String(offer.duty.kind.drop { $0 != "M" })
        let result = try await sender.send(offer.message, for: offer.duty, height: now.height)
        if result.isAccepted {
            logger.info("duty accepted", metadata: offer.figures.merging(["message": "\(kind)"]) { $1 })
        } else if refusals[offer.duty] != result.log {
            if refusals.count >= refusalsMax { refusals = [:] }
            refusals[offer.duty] = result.log
            logger.warning(
                "duty not accepted",
                metadata: offer.figures.merging(["message": "\(kind)", "log": "\(result.log)"]) { $1 })
        }
    }

    /// Ends everything that runs, and returns when nothing does.
    public func stop() async {
        await sprints.stop()
        await audits.stop()
    }
}
