import Cryptography
import LedgerClient
import Logging
import Messages
import Primitives
import ProtocolRules

/// Claims what the host is owed and what it proves: once a round, by itself, in the commit window.
///
/// Nothing about claims is kept on disk. What was claimed is in the ledger, what may be claimed is in the logs of items, and a
/// crash at any moment leaves both as they are: the ledger takes one claim a round, and from each session only the number
/// after the last one it took. A missed window costs nothing but a round's wait.
public actor ClaimKeeper {
    private let identity: HostIdentity
    private let store: ItemStore
    private let sprints: SprintStore
    private let view: HostLedgerView
    private let ledger: any LedgerAccess
    private let sender: DutySender
    private let metrics: HostMetrics
    private let logger: Logger
    private let registry: ClaimRegistry
    private var lastForgetting: UInt64 = 0
    /// Rounds whose claims are over and whose requests and answers are gone.
    private var stripped: Set<UInt64> = []

    public init(
        identity: HostIdentity, store: ItemStore, sprints: SprintStore, view: HostLedgerView,
        ledger: any LedgerAccess, registry: ClaimRegistry, sender: DutySender,
        metrics: HostMetrics = HostMetrics(), logger: Logger
    ) {
        self.identity = identity
        self.store = store
        self.sprints = sprints
        self.view = view
        self.ledger = ledger
        self.registry = registry
        self.sender = sender
        self.metrics = metrics
        self.logger = logger
    }

    /// Looks at the ledger once and does what is due: enters the round, claims, drops what was settled long ago.
    ///
    /// - Throws: `ItemLogError`, after which the host must stop; `LedgerAccessError`, after which it may look again.
    public func step() async throws {
        let now = try await view.refresh()
        try await store.enter(round: now.round.id)
        try await registry.follow(newest: now.newestRound, height: now.height)
        for round in await claimableRounds(now) {
            if round.timetable.kind == .serving {
                try await claimServed(round, now)
            } else {
                try await claimSynthetic(round, now)
            }
        }
        try await forget(now)
        try await store.checkUsable()
    }

    /// The rounds whose commit window takes a transaction sent now, oldest first.
    private func claimableRounds(_ now: HostLedgerView.Snapshot) async -> [RoundRecord] {
        await registry.rounds.filter { round in
            let window = round.timetable.window(.commit)
            // Nothing more belongs to a round from its window's first block on; a window of one block is aimed at before.
            let first = min(window.lowerBound, window.upperBound - 1)
            return now.height >= first && now.height < window.upperBound
        }
    }

    private func claimServed(_ round: RoundRecord, _ now: HostLedgerView.Snapshot) async throws {
        guard try await isDue(round, now) else { return }
        let sessions = try await claimableSessions(round, now)
        guard !sessions.isEmpty else { return }
        guard try await send(try ClaimBuilder.entries(of: sessions), round, now) else { return }
        for session in sessions {
            await store.claimed(session.session, through: session.firstNumber - 1 + UInt64(session.leaves.count))
        }
    }

    private func claimSynthetic(_ round: RoundRecord, _ now: HostLedgerView.Snapshot) async throws {
        guard await sprints.rounds.contains(round.id), try await isDue(round, now) else { return }
        let entries = try await sprints.entries(of: round.id)
        if !entries.isEmpty { _ = try await send(entries, round, now) }
    }

    private static func duty(_ round: RoundRecord) -> DutySender.Duty {
        DutySender.Duty(kind: MsgCommitClaim.typeURL, round: round.id, window: .commit)
    }

    private func isDue(_ round: RoundRecord, _ now: HostLedgerView.Snapshot) async throws -> Bool {
        guard await sender.isDue(Self.duty(round), height: now.height) else { return false }
        return try await registry.claim(in: round.id) == nil
    }

    /// - Returns: whether the ledger took it.
    private func send(
        _ entries: [ClaimEntry], _ round: RoundRecord, _ now: HostLedgerView.Snapshot
    ) async throws -> Bool {
        let message = MsgCommitClaim(
            operatorAccount: identity.operatorKey.publicKey.address, host: identity.address, round: round.id,
            entries: entries)
        let result: SubmissionResult
        do throws(LedgerAccessError) {
            result = try await sender.send(message, for: Self.duty(round), height: now.height)
        } catch {
            metrics.claimed(round.timetable.kind, nil)
            throw error
        }
        metrics.claimed(round.timetable.kind, result)
        let figures: Logger.Metadata = [
            "round": "\(round.id)", "kind": "\(round.timetable.kind)",
            "items": "\(entries.reduce(0) { $0 &+ $1.count })", "tokens": "\(entries.reduce(0) { $0 &+ $1.tokens })",
            "fee": "\(entries.reduce(0) { $0 &+ $1.fee.ngonka })",
        ]
        guard result.isAccepted else {
            logger.warning("claim not accepted", metadata: figures.merging(["log": "\(result.log)"]) { $1 })
            return false
        }
        logger.info("claim accepted", metadata: figures)
        _ = try await registry.claim(in: round.id)
        return true
    }

    /// What each session has to claim, as the ledger sees it now; sessions that close first.
    private func claimableSessions(
        _ round: RoundRecord, _ now: HostLedgerView.Snapshot
    ) async throws -> [ClaimableSession] {
        var closing: [ClaimableSession] = []
        var open: [ClaimableSession] = []
        for id in await store.unclaimed(through: round.id) {
            guard let record = try await ledger.session(id),
                let member = try await ledger.member(identity.address, of: id)
            else { continue }
            guard let session = await store.claimable(id, after: member.lastNumber, through: round.id) else { continue }
            switch record.state {
            case .open: open.append(session)
            // One part that the ledger refuses would lose the whole claim.
            case .closing where round.serial <= record.closesAfterRound: closing.append(session)
            case .drawing, .closing, .closed:
                logger.warning("a session closed before its items were claimed", metadata: ["session": "\(id)"])
            }
        }
        return Array((closing + open).prefix(Int(clamping: now.parameters.rounds.sessionsPerClaimMax)))
    }

    /// Drops items of synthetic work whose claims are settled, and of served items whose claims are settled all but their proofs;
    /// once a serving round also the proofs of claims that were settled some rounds ago, and sessions that are over.
    private func forget(_ now: HostLedgerView.Snapshot) async throws {
        for round in await sprints.rounds {
            if await !registry.needsItems(of: round) { try await sprints.forget(round) }
        }
        for claim in await registry.closedClaims where stripped.insert(claim.round).inserted {
            for part in claim.entries.flatMap(\.sessions) {
                try await store.strip(part.session, first: part.firstNumber, count: part.count)
            }
        }
        guard now.round.id > lastForgetting else { return }
        var (firstKept, closed) = ([UInt64: UInt64](), Set<UInt64>())
        for id in await store.sessions {
            guard let record = try await ledger.session(id) else { continue }
            if record.state == .closed { closed.insert(id) }
            // What a closed session has not paid by now it never will.
            let unclaimed = record.state == .closed ? UInt64.max : await store.claimedThrough(id) + 1
            firstKept[id] = min(await registry.firstNumber(of: id) ?? .max, unclaimed)
        }
        try await store.forget(before: firstKept, closed: closed)
        lastForgetting = now.round.id
        stripped.formIntersection(await registry.closedClaims.map(\.round))
    }
}
