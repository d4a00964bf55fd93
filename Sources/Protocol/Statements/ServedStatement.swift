import Cryptography
import Messages
import Primitives
import ProtocolRules

/// What every host served while the sprint ran, as far as it counts with what it proved, computed from the records of all hosts.
struct ServedStatement {
    private let facts: EpochFacts
    /// For each model what a host usually serves, in parts per million of what it proves.
    private var usual: [String: UInt64] = [:]

    init(_ facts: EpochFacts) {
        self.facts = facts
        var ratios: [String: [(value: UInt64, weight: UInt64)]] = [:]
        for host in facts.hosts {
            for work in host.sprint where work.isDecided {
                let served = ServedStatement.during(facts, host, work)
                ratios[work.model, default: []].append(
                    (ServedRules.ratio(served: served, proven: work.counted), work.counted))
            }
        }
        usual = ratios.mapValues { WeightedMedian.of($0) ?? 0 }
    }

    /// One line for each serving round beside the sprint, and one for each model of the sprint.
    func lines(of host: HostEpochRecord) -> [StatementLine] {
        host.served.map { audited($0, by: host.host) } + host.sprint.map { counted($0, of: host) }
    }

    /// What audits left of what was claimed in a serving round.
    private func audited(_ work: ProvenWork, by host: Address) -> StatementLine {
        let name = "tokens of \(work.model) served in round \(work.round)"
        let claim = facts.servingClaims[work.round]?[host]
        let place = claim?.entries.firstIndex { $0.model == work.model }
        guard let claim, let place, place < claim.outcomes.count else {
            return StatementLine(name, "no settled claim", computed: 0, recorded: work.counted)
        }
        let (tokens, outcome) = (claim.entries[place].tokens, claim.outcomes[place])
        return StatementLine(
            name,
            "\(tokens) claimed, \(outcome.tokens) borne out by \(outcome.tally.counted) samples, \(outcome.tally.bad) bad",
            computed: outcome.state == .decided ? outcome.tally.reduced(min(tokens, outcome.tokens)) : 0,
            recorded: work.counted)
    }

    private func counted(_ work: ProvenWork, of host: HostEpochRecord) -> StatementLine {
        let served = ServedStatement.during(facts, host, work)
        let before = before(work, of: host)
        let usual = usual[work.model] ?? 0
        return StatementLine(
            "served of \(work.model)",
            "\(served) during the sprint; at most ¼ of \(work.counted), and up to \(before) or \(usual) millionths more",
            computed: work.isDecided
                ? ServedRules.counted(served, proven: work.counted, before: before, usualPartsPerMillion: usual) : 0,
            recorded: work.served)
    }

    /// The part of each serving round that falls into the sprint.
    private static func during(_ facts: EpochFacts, _ host: HostEpochRecord, _ sprint: ProvenWork) -> UInt64 {
        guard let window = facts.rounds[sprint.round]?.timetable.window(.work) else { return 0 }
        return ConfirmationStatement.sum(
            host.served.filter { $0.model == sprint.model }.map { work in
                facts.rounds[work.round].map {
                    ServedRules.share(of: work.counted, servedIn: $0.timetable.window(.work), during: window)
                } ?? 0
            })
    }

    /// What the host had in the sprint before, in as many blocks.
    private func before(_ work: ProvenWork, of host: HostEpochRecord) -> UInt64 {
        guard let former = facts.before.first(where: { $0.host == host.host }),
            let sprint = former.sprint.first(where: { $0.model == work.model && $0.epoch + 1 == work.epoch })
        else { return 0 }
        return WeightRules.share(
            ConfirmationStatement.sum([sprint.counted, sprint.served]), work.workBlocks, of: sprint.workBlocks)
    }
}
