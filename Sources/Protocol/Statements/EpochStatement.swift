import Cryptography
import Messages
import Primitives
import ProtocolRules

/// One host's account of one epoch: from audited work to coins, each step computed anew from the ledger's public records and held
/// against what the ledger paid.
///
/// It shares the formulas with the ledger (`ProtocolRules`) and nothing else: which records enter, and in which order, is written
/// here a second time.
public struct EpochStatement: Sendable {
    public let lines: [StatementLine]

    /// Whether nothing contradicts the ledger.
    public var agrees: Bool { lines.allSatisfy { $0.verdict != .differs } }

    /// - Parameter host: one of the facts' hosts.
    public init(of host: HostEpochRecord, _ facts: EpochFacts) {
        let payout = host.payout
        var lines = EpochStatement.works(of: host, facts) + ServedStatement(facts).lines(of: host)
        lines.append(EpochStatement.weight(of: host, facts))
        lines += EpochStatement.epoch(facts)
        let confirmations = ConfirmationStatement(facts)
        let ratio = payout == nil ? 0 : confirmations.partsPerMillion(of: host.host)
        lines.append(
            StatementLine(
                "confirmed, parts per million",
                confirmations.means[host.host].map { "mean \($0) ÷ median \(confirmations.median) ÷ 0.9, at most 10⁶" }
                    ?? "no confirmation to count: all",
                computed: ratio, recorded: payout?.confirmedPartsPerMillion ?? 0))
        lines += EpochStatement.reward(of: host, ratio: ratio, facts)
        self.lines = lines
    }

    /// What the audits of the sprint's claim left of each model's tokens.
    private static func works(of host: HostEpochRecord, _ facts: EpochFacts) -> [StatementLine] {
        let claim = facts.sprintClaims[host.host]
        return host.sprint.map { work in
            let place = claim?.entries.firstIndex { $0.model == work.model }
            guard let claim, let place, place < claim.outcomes.count else {
                return StatementLine(
                    "tokens of \(work.model)", "no settled claim", computed: 0, recorded: work.counted)
            }
            let (tokens, outcome) = (claim.entries[place].tokens, claim.outcomes[place])
            let isCounted = outcome.state == .decided
            return StatementLine(
                "tokens of \(work.model)",
                "\(tokens) claimed, \(outcome.tally.counted) of \(outcome.tally.drawn) samples scored, \(outcome.tally.bad) bad",
                computed: isCounted ? outcome.tally.reduced(min(tokens, outcome.tokens)) : 0, recorded: work.counted)
        }
    }

    /// Collateral, the rule on models, and weight kept from before need records that are overwritten: they only cut, or keep, so
    /// what can be said is a bound.
    private static func weight(of host: HostEpochRecord, _ facts: EpochFacts) -> StatementLine {
        let most = ConfirmationStatement.sum(
            host.sprint.map { work in
                let counted = ConfirmationStatement.sum([work.counted, work.served])
                return facts.weight(of: work.isDecided ? counted : work.claimed, work)
            })
        let recorded = host.payout?.weight ?? 0
        return StatementLine(
            "weight", "Σ ⌊coefficient · (tokens + served) ÷ 10⁶⌋", computed: most, recorded: recorded,
            isBounded: recorded < most)
    }

    /// What is the same for all hosts: the emission by the recurrence, the sum of weights, and where the emission went.
    private static func epoch(_ facts: EpochFacts) -> [StatementLine] {
        let emission = EmissionRecurrence(before: facts.record.epoch).emission
        let weights = facts.hosts.compactMap(\.payout?.weight)
        let paid = facts.hosts.compactMap(\.payout?.paid.ngonka).reduce(UInt128(0)) { $0 + UInt128($1) }
        let record = facts.record
        // Where nobody proved anything, nothing is a part of these weights.
        let sum = record.isProven ? [weightOfAll(weights, record)] : []
        return sum + [
            StatementLine(
                "emission, ngonka", "⌊r(\(record.epoch)) ÷ 10¹⁸⌋ by the recurrence",
                computed: emission.ngonka, recorded: record.emission.ngonka),
            StatementLine(
                "paid to all, ngonka", "Σ over \(weights.count) hosts", computed: paid, recorded: record.paid.ngonka),
            StatementLine(
                "to the pool, ngonka", "emission − paid",
                computed: UInt128(record.emission.ngonka) - min(paid, UInt128(record.emission.ngonka)),
                recorded: record.pooled.ngonka),
        ]
    }

    private static func weightOfAll(_ weights: [UInt64], _ record: EpochRecord) -> StatementLine {
        StatementLine(
            "weight of all", "Σ over \(weights.count) hosts", computed: ConfirmationStatement.sum(weights),
            recorded: record.weight)
    }

    private static func reward(of host: HostEpochRecord, ratio: UInt64, _ facts: EpochFacts) -> [StatementLine] {
        var conduct = RewardConduct()
        conduct.confirmedPartsPerMillion = ratio
        (conduct.duties, conduct.dutiesDone) = (host.duties, host.dutiesDone)
        (conduct.requestsServed, conduct.requestsMissed) = (host.requestsServed, host.requestsMissed)
        (conduct.drawnBeaconsMissed, conduct.idleBeaconsMissed) = (host.drawnBeaconsMissed, host.idleBeaconsMissed)
        conduct.isConvicted = host.isConvicted
        let reward = Reward(
            of: facts.record.emission, weight: host.payout?.weight ?? 0, total: UInt128(facts.record.weight),
            conduct: conduct, audits: facts.parameters.audits, beacon: facts.parameters.beacon)
        let payout = host.payout
        func line(_ name: String, _ formula: String, _ computed: Amount, _ recorded: Amount?) -> StatementLine {
            StatementLine(
                "\(name), ngonka", formula, computed: computed.ngonka, recorded: recorded?.ngonka ?? 0)
        }
        return [
            line("share", "⌊emission · weight ÷ weight of all⌋", reward.share, payout?.share),
            line("less unconfirmed", "what confirmations did not confirm", reward.unconfirmed, payout?.unconfirmed),
            line(
                "less duties", "\(host.dutiesDone) of \(host.duties) audits done", reward.undutiful,
                payout?.undutiful),
            line(
                "less misses", "\(host.requestsMissed) requests missed, \(host.requestsServed) served", reward.missed,
                payout?.missed),
            line(
                "less secrets", "\(host.drawnBeaconsMissed) drawn and \(host.idleBeaconsMissed) idle ones withheld",
                reward.withheld, payout?.withheld),
            line(
                "less conviction", host.isConvicted ? "convicted: all of it" : "not convicted", reward.convicted,
                payout?.convicted),
            line("paid", "what is left", reward.paid, payout?.paid),
        ]
    }
}
