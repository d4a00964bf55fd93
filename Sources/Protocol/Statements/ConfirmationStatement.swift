import Cryptography
import Messages
import Primitives
import ProtocolRules

/// What confirmations leave of every host's weight, computed from the records of all hosts.
struct ConfirmationStatement {
    /// Each host's mean; none for a host without a confirmation to count.
    private(set) var means: [Address: UInt64] = [:]
    private(set) var median = ConfirmedRatio.whole

    init(_ facts: EpochFacts) {
        let confirmations = ConfirmationStatement.confirmations(of: facts)
        let former = Dictionary(facts.before.map { ($0.host, $0) }) { first, _ in first }
        for host in facts.hosts {
            let ratios = confirmations.compactMap { round in
                let sprint = round.epoch == facts.record.epoch ? host.sprint : former[host.host]?.sprint ?? []
                return ConfirmationStatement.ratio(
                    of: host.confirmations.filter { $0.round == round.id },
                    against: sprint.filter { $0.isDecided && $0.epoch == round.epoch }, round, facts)
            }
            means[host.host] = ConfirmedRatio.mean(ratios)
        }
        let population = facts.hosts.compactMap { host in
            means[host.host].map { (value: $0, weight: host.payout?.weight ?? 0) }
        }
        median = WeightedMedian.of(population) ?? ConfirmedRatio.whole
    }

    /// What counts of a host's weight, in parts per million.
    func partsPerMillion(of host: Address) -> UInt64 { ConfirmedRatio.final(mean: means[host], median: median) }

    /// Those that settled within the epoch and in which anybody proved anything.
    private static func confirmations(of facts: EpochFacts) -> [RoundRecord] {
        let schedule = facts.parameters.epochSchedule
        let counted = facts.hosts.flatMap(\.confirmations).filter { $0.isDecided && $0.counted > 0 }
        var ids: [UInt64] = []
        for work in counted where !ids.contains(work.round) { ids.append(work.round) }
        return ids.sorted().compactMap { facts.rounds[$0] }.filter { round in
            let isNear = round.epoch == facts.record.epoch || round.epoch + 1 == facts.record.epoch
            return round.isSettled && isNear && schedule.index(at: round.timetable.settleHeight) == facts.record.epoch
                && schedule.index(at: round.settledHeight) == facts.record.epoch
        }
    }

    /// A model that was not decided is left out of both sides; one that was not claimed counts 0.
    private static func ratio(
        of works: [ProvenWork], against sprint: [ProvenWork], _ round: RoundRecord, _ facts: EpochFacts
    ) -> UInt64? {
        let undecided = Set(works.filter { !$0.isDecided }.map(\.model))
        let expected = sprint.filter { !undecided.contains($0.model) }
        let proven = Set(sprint.map(\.model))
        let confirmed = works.filter { $0.isDecided && proven.contains($0.model) }
        let window = round.timetable.window(.work)
        return ConfirmedRatio.of(
            WorkRate(
                weight: sum(confirmed.map { facts.weight(of: $0.counted, $0) }),
                blocks: window.upperBound - window.lowerBound + 1),
            against: WorkRate(
                weight: sum(expected.map { facts.weight(of: $0.counted, $0) }), blocks: sprint.last?.workBlocks ?? 0))
    }

    static func sum(_ weights: [UInt64]) -> UInt64 {
        weights.reduce(0) { sum, weight in
            let (next, overflow) = sum.addingReportingOverflow(weight)
            return overflow ? .max : next
        }
    }
}
