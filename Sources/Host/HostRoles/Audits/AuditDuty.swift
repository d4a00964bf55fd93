import Messages
import Primitives
import ProtocolRules

/// A sample that this host has to look at.
struct AuditDuty: Sendable {
    let sample: AuditedSample
    let stage: AuditStage
    /// Those before this host in the list, whose word comes first; none in a panel.
    let before: [Address]
    /// The first height at which a commitment is taken even if they are silent.
    let turn: UInt64
    /// The first height that is somebody else's turn, or after the window.
    let end: UInt64
    /// The first height after the window.
    let windowEnd: UInt64

    var name: SampleName { sample.name }

    /// The last height of the ledger at which a commitment may be sent that is to lie in a block before `end`. The look at
    /// the ledger and the block take one, and where there is time an eighth of the turn is left for what may go wrong.
    var deadline: UInt64 { deadline(before: end) }

    /// The same for the window: the first commitment counts, whoever's turn it is.
    var lastDeadline: UInt64 { deadline(before: windowEnd) }

    private func deadline(before end: UInt64) -> UInt64 {
        let margin = 1 + max(1, (self.end - turn) / 8)
        return end > margin ? end - margin : 0
    }

    /// What this host has to do of a claim's samples as an auditor.
    static func audits(of claim: AuditedClaim, by host: Address) -> [AuditDuty] {
        let window = claim.windows.window(.audit)
        return claim.samples.compactMap { sample in
            guard let place = sample.auditors.firstIndex(of: host),
                let turn = AuditRules.turn(of: place, in: window)
            else { return nil }
            let isLast = place + 1 >= sample.auditors.count
            let next = isLast ? nil : AuditRules.turn(of: place + 1, in: window)
            return AuditDuty(
                sample: sample, stage: .audit, before: Array(sample.auditors.prefix(place)), turn: turn,
                end: next ?? window.upperBound + 1, windowEnd: window.upperBound + 1)
        }
    }

    /// What this host has to do as a member of a panel, or nil where it is none.
    static func appeal(of dispute: AuditDispute, windows: RoundTimetable, by host: Address) -> AuditDuty? {
        guard dispute.panel.contains(host) else { return nil }
        let window = windows.window(.appeal)
        return AuditDuty(
            sample: dispute.sample, stage: .appeal, before: [], turn: window.lowerBound, end: window.upperBound + 1,
            windowEnd: window.upperBound + 1)
    }
}

extension AuditStage {
    /// Where commitments are taken.
    var commitPhase: RoundPhase {
        switch self {
        case .audit: .audit
        case .appeal: .appeal
        }
    }

    /// Where results are taken.
    var openPhase: RoundPhase {
        switch self {
        case .audit: .open
        case .appeal: .appealOpen
        }
    }
}
