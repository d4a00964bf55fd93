import Cryptography
import LedgerClient
import Logging
import Messages
import Primitives
import ProtocolRules

/// Claims what the host is owed: once a round, by itself, in the commit window.
///
/// Nothing about claims is kept on disk. What was claimed is in the ledger, what may be claimed is in the item log, and a
/// crash at any moment leaves both as they are: the ledger takes one claim a round, and from each session only the number
/// after the last one it took. A missed window costs nothing but a round's wait.
public actor ClaimKeeper {
    private let identity: HostIdentity
    private let store: ItemStore
    private let view: HostLedgerView
    private let ledger: any LedgerAccess
    private let sender: TransactionSender
    private let limits: Limits
    private let logger: Logger
    private let registry: ClaimRegistry
    private var attempts: [UInt64: Attempt] = [:]
    private var lastForgetting: UInt64 = 0

    /// The last try for a round.
    private struct Attempt {
        var height: UInt64
        /// Whether the round's free transaction is used up.
        var paysFee: Bool
    }

    public init(
        identity: HostIdentity, store: ItemStore, view: HostLedgerView, ledger: any LedgerAccess,
        registry: ClaimRegistry, limits: Limits = Limits(), logger: Logger
    ) {
        self.identity = identity
        self.store = store
        self.view = view
        self.ledger = ledger
        self.registry = registry
        self.limits = limits
        self.logger = logger
        sender = TransactionSender(ledger: ledger, key: identity.operatorKey)
    }

    /// Looks at the ledger once and does what is due: enters the round, claims, drops what was settled long ago.
    ///
    /// - Throws: `ItemLogError`, after which the host must stop; `LedgerAccessError`, after which it may look again.
    public func step() async throws {
        let now = try await view.refresh()
        try await store.enter(round: now.round.id)
        try await registry.follow(newest: now.round, height: now.height)
        let rounds = await claimableRounds(now)
        attempts = attempts.filter { attempt in rounds.contains { $0.id == attempt.key } }
        for round in rounds { try await claim(round, now) }
        try await forget(now)
        try await store.checkUsable()
    }

    /// The rounds whose commit window takes a transaction sent now, oldest first.
    private func claimableRounds(_ now: HostLedgerView.Snapshot) async -> [RoundRecord] {
        await registry.servingRounds.filter { round in
            let window = round.timetable.window(.commit)
            // Nothing more belongs to a round from its window's first block on; a window of one block is aimed at before.
            let first = min(window.lowerBound, window.upperBound - 1)
            return now.height >= first && now.height < window.upperBound
        }
    }

    private func claim(_ round: RoundRecord, _ now: HostLedgerView.Snapshot) async throws {
        guard attempts[round.id]?.height != now.height, try await registry.claim(in: round.id) == nil else { return }
        let sessions = try await claimableSessions(round, now)
        guard !sessions.isEmpty else { return }
        let entries = try ClaimBuilder.entries(of: sessions)
        let message = MsgCommitClaim(
            operatorAccount: identity.operatorKey.publicKey.address, host: identity.address, round: round.id,
            entries: entries)
        let paysFee = attempts[round.id]?.paysFee ?? false
        attempts[round.id] = Attempt(height: now.height, paysFee: paysFee)
        let result = try await sender.send([message.packed], fee: paysFee ? .perByte : .free)
        let figures: Logger.Metadata = [
            "round": "\(round.id)", "items": "\(entries.reduce(0) { $0 &+ $1.count })",
            "fee": "\(entries.reduce(0) { $0 &+ $1.fee.ngonka })",
        ]
        guard result.isAccepted else {
            attempts[round.id]?.paysFee = result.height > 0 || paysFee
            logger.warning("claim not accepted", metadata: figures.merging(["log": "\(result.log)"]) { $1 })
            return
        }
        logger.info("claim accepted", metadata: figures)
        _ = try await registry.claim(in: round.id)
        for session in sessions {
            await store.claimed(session.session, through: session.firstNumber - 1 + UInt64(session.leaves.count))
        }
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
            case .closing where round.id <= record.closesAfterRound: closing.append(session)
            case .drawing, .closing, .closed:
                logger.warning("a session closed before its items were claimed", metadata: ["session": "\(id)"])
            }
        }
        return Array((closing + open).prefix(Int(clamping: now.parameters.rounds.sessionsPerClaimMax)))
    }

    /// Once a round: drops items whose claims were settled some rounds ago, and sessions that are over.
    private func forget(_ now: HostLedgerView.Snapshot) async throws {
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
    }
}
