import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore

/// Takes what auditors and panel members found, hidden behind their digests.
///
/// A part that came too late, because somebody else's commitment to the sample counts already, is left out and does the others no
/// harm: nobody can know whose transaction comes first. Any other fault refuses the message.
enum CommitAuditHandler: MessageHandler {
    static func apply(_ message: MsgCommitAudit, in context: inout ExecutionContext) throws(LedgerError) {
        var reader = AuditedSamples(
            host: message.host, round: message.round, auditPhase: .audit, appealPhase: .appeal)
        try AuditedSamples.check(message.commitments.map { $0.sample(in: message.round) })
        var taken = 0
        for commitment in message.commitments {
            guard (commitment.outcome == .scored) == (commitment.digest != nil) else {
                throw RoundsRejection.invalidAudit("a digest belongs to what was scored, and to nothing else").error
            }
            guard commitment.outcome != .differs else {
                throw RoundsRejection.invalidAudit("a difference is hidden as scored until it is opened").error
            }
            let sample = commitment.sample(in: message.round)
            let (audits, stage) = try reader.audits(of: sample, in: &context)
            let key = StateKey.audit(sample, stage: stage, by: message.host)
            guard context.state.value(for: key) == nil else { throw RoundsRejection.auditedAlready(sample).error }
            switch stage {
            case .audit:
                guard try isItsTurn(of: message.host, sample, audits, context) else { continue }
            case .appeal: try checkPanel(of: message.host, sample, audits, context)
            }
            context.write(
                AuditRecord(auditor: message.host, outcome: commitment.outcome, digest: commitment.digest), at: key)
            taken += 1
        }
        context.emit(
            "audits_committed", ("round", "\(message.round)"), ("host", message.host.bech32), ("samples", "\(taken)"))
    }

    /// False where another's commitment counts. One before its turn may speak where all before it have said that they found
    /// nothing to score.
    private static func isItsTurn(
        of host: Address, _ sample: SampleName, _ audits: ClaimAudit, _ context: ExecutionContext
    ) throws(LedgerError) -> Bool {
        let listed = try audits.listed(for: sample, context)
        guard let place = listed.firstIndex(of: host),
            let turn = AuditRules.turn(of: place, in: audits.timetable.window(.audit))
        else { throw RoundsRejection.notAnAuditor(host, sample).error }
        let known = try audits.audits(of: sample, by: listed, context)
        if known.contains(where: { $0?.digest != nil }) { return false }
        guard context.block.height >= turn || known[..<place].allSatisfy({ $0 != nil }) else {
            throw RoundsRejection.notItsTurn(sample, from: turn, height: context.block.height).error
        }
        return true
    }

    private static func checkPanel(
        of host: Address, _ sample: SampleName, _ audits: ClaimAudit, _ context: ExecutionContext
    ) throws(LedgerError) {
        guard let dispute = try Dispute(over: sample, in: audits, context) else {
            throw RoundsRejection.notDisputed(sample).error
        }
        guard try dispute.panel(over: sample, in: audits, context).contains(host) else {
            throw RoundsRejection.notAnAuditor(host, sample).error
        }
    }
}

/// Reads the claims that a message of an auditor names, each once, and says in which window of theirs the block lies.
struct AuditedSamples {
    let host: Address
    let round: UInt64
    /// The window of auditors, and that of panels, in which the message is taken.
    let auditPhase: RoundPhase
    let appealPhase: RoundPhase
    private var last: (claimant: Address, audits: ClaimAudit, stage: AuditStage)?

    init(host: Address, round: UInt64, auditPhase: RoundPhase, appealPhase: RoundPhase) {
        (self.host, self.round, self.auditPhase, self.appealPhase) = (host, round, auditPhase, appealPhase)
    }

    /// At least one, ascending, none twice, not too many.
    static func check(_ samples: [SampleName]) throws(LedgerError) {
        guard (1...Limits.auditedSamplesMax).contains(samples.count) else {
            throw RoundsRejection.invalidAudit("1 to \(Limits.auditedSamplesMax) samples").error
        }
        guard zip(samples, samples.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw RoundsRejection.invalidAudit("samples not ascending, or one twice").error
        }
    }

    mutating func audits(
        of sample: SampleName, in context: inout ExecutionContext
    ) throws(LedgerError) -> (audits: ClaimAudit, stage: AuditStage) {
        if let last, last.claimant == sample.claimant { return (last.audits, last.stage) }
        let key = StateKey.claim(round: round, host: sample.claimant)
        guard let claim = try context.read(ClaimRecord.self, at: key), claim.state == .committed else {
            throw RoundsRejection.noOpenClaim(round: round, host: sample.claimant).error
        }
        let audits = try ClaimAudit(claim, in: &context)
        let stage: AuditStage
        if audits.timetable.window(auditPhase).contains(context.block.height) {
            stage = .audit
        } else if audits.timetable.window(appealPhase).contains(context.block.height) {
            stage = .appeal
        } else {
            throw RoundsRejection.outsideWindow(
                round: round, window: audits.timetable.window(auditPhase), height: context.block.height
            ).error
        }
        last = (sample.claimant, audits, stage)
        return (audits, stage)
    }
}

extension AuditCommitment {
    func sample(in round: UInt64) -> SampleName {
        SampleName(round: round, claimant: claimant, entry: entry, number: number)
    }
}
