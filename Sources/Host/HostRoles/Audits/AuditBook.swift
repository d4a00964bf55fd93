import LedgerClient
import Messages
import Primitives
import ProtocolRules

/// The rounds that are under audit now, with everything that was drawn for them: what this host has to look at, and whom it has to
/// answer.
public actor AuditBook {
    /// A round from the end of its draw to its settlement.
    struct Audited: Sendable {
        let round: RoundRecord
        let claims: [AuditedClaim]
        /// The duties of this host, as an auditor and then as a member of panels.
        var duties: [AuditDuty]
        /// Nil before the second draw is over.
        var disputes: [AuditDispute]?
        /// What fresh positions follow from; nil before the second draw is over.
        var panelSeed: Hash32?

        func claim(of sample: SampleName) -> AuditedClaim? {
            claims.first { $0.claim.round == sample.round && $0.claim.host == sample.claimant }
        }
    }

    private let host: Address
    private let reader: AuditReader
    private var audited: [UInt64: Audited] = [:]

    public init(identity: HostIdentity, ledger: any LedgerAccess) {
        host = identity.address
        reader = AuditReader(ledger: ledger)
    }

    /// The rounds under audit, ascending.
    var rounds: [Audited] { audited.values.sorted { $0.round.id < $1.round.id } }

    /// Takes up rounds whose draw is over, adds what the second draw brought, and lets go of rounds that settle.
    func follow(_ rounds: [RoundRecord], _ now: HostLedgerView.Snapshot) async throws(LedgerAccessError) {
        let current = rounds.filter { round in
            now.height >= round.timetable.window(.draw).upperBound && now.height < round.timetable.settleHeight
        }
        audited = audited.filter { entry in current.contains { $0.id == entry.key } }
        for round in current {
            if audited[round.id] == nil { audited[round.id] = try await begin(round, now) }
            let isDrawn = now.height >= round.timetable.window(.appealDraw).upperBound
            if isDrawn, let known = audited[round.id], known.disputes == nil {
                audited[round.id] = try await withDisputes(known, now)
            }
        }
    }

    private func begin(
        _ round: RoundRecord, _ now: HostLedgerView.Snapshot
    ) async throws(LedgerAccessError) -> Audited? {
        guard let seed = try await reader.seed(of: .draw, round.timetable, now.parameters) else { return nil }
        let claims = try await reader.claims(auditedIn: round, seed: seed)
        return Audited(round: round, claims: claims, duties: claims.flatMap { AuditDuty.audits(of: $0, by: host) })
    }

    private func withDisputes(
        _ known: Audited, _ now: HostLedgerView.Snapshot
    ) async throws(LedgerAccessError) -> Audited {
        var audited = known
        guard let seed = try await reader.seed(of: .appealDraw, known.round.timetable, now.parameters) else {
            return known
        }
        let disputes = try await reader.disputes(over: known.claims, panelSeed: seed)
        audited.panelSeed = seed
        audited.disputes = disputes
        audited.duties += disputes.compactMap {
            AuditDuty.appeal(of: $0, windows: known.round.timetable, by: host)
        }
        return audited
    }

    /// The sample of this host's own claim that `auditor` may see now, with its claim; nil where it may see none.
    func entitlement(
        of auditor: Address, to name: SampleName, height: UInt64
    ) -> (claim: AuditedClaim, sample: AuditedSample, stage: AuditStage)? {
        guard name.claimant == host else { return nil }
        for round in audited.values {
            guard let claim = round.claim(of: name) else { continue }
            let stage = AuditStage.allCases.first { round.isOpen($0, at: height) }
            guard let stage, let sample = claim.samples.first(where: { $0.name == name }) else { return nil }
            let listed =
                stage == .audit
                ? sample.auditors : round.disputes?.first { $0.sample.name == name }?.panel ?? []
            return listed.contains(auditor) ? (claim, sample, stage) : nil
        }
        return nil
    }
}

extension AuditBook.Audited {
    /// Whether auditors of this stage may fetch at a height: the next block may be the window's first.
    fileprivate func isOpen(_ stage: AuditStage, at height: UInt64) -> Bool {
        let window = round.timetable.window(stage.commitPhase)
        return window.contains(height) || (height < .max && window.contains(height + 1))
    }
}
