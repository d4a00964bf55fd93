import Messages
import Primitives
import ProtocolRules

/// What an auditor does when: a pure function of the ledger's height, of what the ledger holds, and of what was found so far.
///
/// Every action is to be done at once. A finding is made durable before it is committed to.
struct AuditPlan {
    /// What one host knows of one of its duties.
    struct Standing {
        let duty: AuditDuty
        /// What the ledger has from the sample's auditors.
        let audits: [AuditRecord]
        /// What this host found; nil as long as it is looking, or has not begun.
        let finding: AuditFinding?
    }

    let host: Address
    let timetable: RoundTimetable
    let stage: AuditStage
    /// The ledger's newest block: what is sent now lies in a later one.
    let height: UInt64
    let standings: [Standing]

    private var next: UInt64 { height < .max ? height + 1 : height }

    // MARK: Looking

    /// Duties to begin with, or to go on with, now.
    var toExamine: [AuditDuty] {
        standings.filter { isDue($0) && $0.finding == nil && height <= $0.duty.deadline }.map(\.duty)
    }

    /// Duties whose time is over without a finding: what stopped them is to be said openly, so that the next one takes over.
    var toGiveUp: [AuditDuty] {
        standings.filter { isDue($0) && $0.finding == nil && height > $0.duty.deadline }.map(\.duty)
    }

    /// Whether it is this host's turn, and it has not spoken yet.
    private func isDue(_ standing: Standing) -> Bool {
        let (duty, audits) = (standing.duty, standing.audits)
        guard isInWindow(stage.commitPhase), !audits.contains(where: { $0.auditor == host }) else { return false }
        if stage == .appeal { return true }
        // The first commitment to a result counts; nobody else's is wanted then.
        guard !audits.contains(where: { $0.digest != nil }) else { return false }
        let passed = Set(audits.filter { $0.digest == nil }.map(\.auditor))
        return next >= duty.turn || duty.before.allSatisfy(passed.contains)
    }

    private func isInWindow(_ phase: RoundPhase) -> Bool { timetable.window(phase).contains(next) }

    // MARK: Speaking

    /// What to commit to now, ascending; empty where there is nothing, or where it is worth waiting for the rest: only the first
    /// message of a window is free.
    var commitments: [AuditCommitment] {
        let due = standings.filter(isDue)
        let found = due.filter { $0.finding != nil }
        let isComplete = found.count == due.count
        guard !found.isEmpty, isComplete || found.contains(where: { height >= $0.duty.deadline }) else { return [] }
        return found.sorted { $0.duty.name < $1.duty.name }.compactMap { standing in
            standing.finding?.commitment(of: standing.duty.sample.reference, by: host)
        }
    }

    /// What to open now, ascending: what the ledger has a commitment of, and nobody opened yet.
    var openings: [AuditOpening] {
        guard isInWindow(stage.openPhase) else { return [] }
        let standing = standings.filter { standing in
            guard let own = standing.audits.first(where: { $0.auditor == host }), own.result == nil else {
                return false
            }
            let digest = standing.finding?.digest(of: standing.duty.sample.reference, by: host)
            return digest != nil && own.digest == digest
        }
        return standing.sorted { $0.duty.name < $1.duty.name }.compactMap { $0.finding?.opening }
    }
}
