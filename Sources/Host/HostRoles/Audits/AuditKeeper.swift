import Cryptography
import EngineAPI
import LedgerClient
import Logging
import Messages
import Primitives
import ProtocolRules

/// Does the host's audits: begins to look at samples when it is their turn, keeps what was found, and says what is to be sent.
///
/// What to do when is `AuditPlan`'s; what is committed to and opened is the ledger's to know; what was found is in the log. So a
/// crash at any moment costs at most looking again.
public actor AuditKeeper {
    private struct Key: Hashable {
        /// The round of the windows.
        let round: UInt64
        let sample: SampleName
        let stage: AuditStage

        init(_ duty: AuditDuty, in round: UInt64) {
            (self.round, sample, stage) = (round, duty.name, duty.stage)
        }
    }

    private struct Examination {
        let task: Task<Void, Never>
        var obstacle = AuditExaminer.Obstacle.auditor
    }

    private let identity: HostIdentity
    private let book: AuditBook
    private let log: AuditLog
    private let ledger: any LedgerAccess
    private let examiner: AuditExaminer
    private let limits: Limits
    private let metrics: HostMetrics
    private let logger: Logger
    private var running: [Key: Examination] = [:]
    private var failure: ItemLogError?
    /// Findings since the start, by what came of them.
    private var counts: [AuditOutcome: Int] = [:]

    init(
        identity: HostIdentity, book: AuditBook, log: AuditLog, ledger: any LedgerAccess, examiner: AuditExaminer,
        limits: Limits = Limits(), metrics: HostMetrics = HostMetrics(), logger: Logger
    ) {
        self.identity = identity
        self.book = book
        self.log = log
        self.ledger = ledger
        self.examiner = examiner
        self.limits = limits
        self.metrics = metrics
        self.logger = logger
    }

    /// Begins and gives up what is due, and says what is to be sent now.
    ///
    /// - Throws: `ItemLogError`, after which the host must stop; `LedgerAccessError`, after which it may look again.
    func step(_ now: HostLedgerView.Snapshot) async throws -> [DutyOffer] {
        if let failure { throw failure }
        let rounds = await book.rounds
        let known = Set(rounds.map(\.round.id))
        for (key, examination) in running where !known.contains(key.round) {
            examination.task.cancel()
            running[key] = nil
        }
        var offers: [DutyOffer] = []
        for round in rounds {
            for stage in AuditStage.allCases where AuditKeeper.isActive(round.round, stage, at: now.height) {
                offers += try await self.offers(of: round, stage, now)
            }
        }
        try await log.forget(except: known)
        return offers
    }

    /// Ends all examinations, and returns when none runs.
    func stop() async {
        let tasks = running.values.map(\.task)
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    /// How many samples are being looked at.
    var examinations: Int { running.count }

    private static func isActive(_ round: RoundRecord, _ stage: AuditStage, at height: UInt64) -> Bool {
        guard height < .max else { return false }
        return [stage.commitPhase, stage.openPhase].contains {
            round.timetable.window($0).contains(height + 1)
        }
    }

    private func offers(
        of audited: AuditBook.Audited, _ stage: AuditStage, _ now: HostLedgerView.Snapshot
    ) async throws -> [DutyOffer] {
        var offers: [DutyOffer] = []
        let duties = Dictionary(grouping: audited.duties.filter { $0.stage == stage }, by: \.name.round)
        for (round, duties) in duties.sorted(by: { $0.key < $1.key }) {
            let plan = try await plan(duties, in: audited, stage, now)
            for duty in plan.toExamine { begin(duty, in: audited) }
            for duty in plan.toGiveUp where !isNearlyDone(duty, in: audited.round.id, now.height) {
                try await giveUp(duty, in: audited.round.id)
            }
            offers += messages(of: plan, about: round)
        }
        return offers
    }

    private func plan(
        _ duties: [AuditDuty], in audited: AuditBook.Audited, _ stage: AuditStage, _ now: HostLedgerView.Snapshot
    ) async throws -> AuditPlan {
        var standings: [AuditPlan.Standing] = []
        for duty in duties {
            standings.append(
                AuditPlan.Standing(
                    duty: duty, audits: try await ledger.audits(of: duty.name, stage: stage).elements,
                    finding: await log.finding(of: duty, in: audited.round.id)))
        }
        return AuditPlan(
            host: identity.address, timetable: audited.round.timetable, stage: stage, height: now.height,
            standings: standings)
    }

    private func messages(of plan: AuditPlan, about round: UInt64) -> [DutyOffer] {
        let account = identity.operatorKey.publicKey.address
        var offers: [DutyOffer] = []
        func offer(_ message: some LedgerMessage, _ phase: RoundPhase, _ figures: Logger.Metadata) {
            offers.append(
                DutyOffer(
                    duty: DutySender.Duty(kind: type(of: message).typeURL, round: round, window: phase),
                    message: message, last: plan.timetable.window(phase).upperBound,
                    figures: figures.merging(["round": "\(round)"]) { $1 }))
        }
        let commitments = Array(plan.commitments.prefix(limits.auditedSamplesMax))
        if !commitments.isEmpty {
            let message = MsgCommitAudit(
                operatorAccount: account, host: identity.address, round: round, commitments: commitments)
            offer(
                message, plan.stage.commitPhase,
                [
                    "samples": "\(commitments.count)",
                    "scored": "\(commitments.count { $0.outcome == .scored })",
                ])
        }
        let openings = Array(plan.openings.prefix(limits.auditedSamplesMax))
        if !openings.isEmpty {
            let message = MsgOpenAudit(
                operatorAccount: account, host: identity.address, round: round, openings: openings)
            offer(
                message, plan.stage.openPhase,
                [
                    "samples": "\(openings.count)",
                    "differing": "\(openings.count { $0.result.outcome == .differs })",
                ])
        }
        return offers
    }

    // MARK: Examinations

    private func begin(_ duty: AuditDuty, in audited: AuditBook.Audited) {
        let key = Key(duty, in: audited.round.id)
        guard running[key] == nil, let claim = audited.claim(of: duty.name) else { return }
        let examiner = examiner
        let panelSeed = duty.stage == .appeal ? audited.panelSeed : nil
        running[key] = Examination(
            task: Task {
                let finding = await examiner.examine(duty, of: claim, panelSeed: panelSeed) { obstacle in
                    await self.note(obstacle, key)
                }
                await self.end(key, finding)
            })
    }

    private func note(_ obstacle: AuditExaminer.Obstacle, _ key: Key) { running[key]?.obstacle = obstacle }

    private func end(_ key: Key, _ finding: AuditFinding?) async {
        guard running.removeValue(forKey: key) != nil, let finding else { return }
        await record(finding, in: key.round)
    }

    /// Whether a sample waits for nobody but this host, and there is time left in the window: whoever's turn begins now has to begin
    /// from nothing.
    private func isNearlyDone(_ duty: AuditDuty, in round: UInt64, _ height: UInt64) -> Bool {
        running[Key(duty, in: round)]?.obstacle == .auditor && height <= duty.lastDeadline
    }

    /// Says what stopped this host: the claimant that handed nothing out, or itself.
    private func giveUp(_ duty: AuditDuty, in round: UInt64) async throws {
        let examination = running.removeValue(forKey: Key(duty, in: round))
        examination?.task.cancel()
        let outcome = examination?.obstacle == .claimant ? AuditOutcome.unavailable : .cannotCheck
        logger.warning(
            "a sample was given up",
            metadata: ["sample": "\(duty.name)", "outcome": "\(outcome.name)"])
        await record(AuditFinding(duty.name, stage: duty.stage, without: outcome), in: round)
        if let failure { throw failure }
    }

    private func record(_ finding: AuditFinding, in round: UInt64) async {
        let outcome = finding.result?.outcome ?? finding.outcome
        counts[outcome, default: 0] += 1
        metrics.audited(finding.stage, outcome)
        logger.info(
            "a sample was looked at",
            metadata: [
                "sample": "\(finding.sample)", "outcome": "\(outcome.name)",
                "difference": "\(finding.result?.difference ?? 0)",
                "margin": "\(finding.result?.marginMicroNats ?? 0)", "so_far": "\(counts[outcome, default: 0])",
            ])
        do throws(ItemLogError) { try await log.record(finding, in: round) } catch { failure = error }
    }
}
