import Messages
import Primitives
import ProtocolRules

/// How much of its sprint each host confirmed at the moments that nobody knew before.
struct EpochConfirmations {
    /// One for each host of the sprint, in its order; nil for one without a confirmation to count.
    private let means: [UInt64?]
    /// The weighted median of the means; the whole where there are none.
    let medianPartsPerMillion: UInt64

    /// What counts of the weight of the host at `place`.
    func partsPerMillion(of place: Int) -> UInt64 {
        ConfirmedRatio.final(mean: means[place], median: medianPartsPerMillion)
    }

    init(
        of epoch: UInt64, _ sprint: EpochSprint, _ table: WeightTable, in context: ExecutionContext
    ) throws(LedgerError) {
        let rounds = try EpochConfirmations.rounds(of: epoch, sprint, table, in: context)
        var means: [UInt64?] = []
        for host in sprint.hosts {
            var ratios: [UInt64] = []
            var before: Reference?
            for round in rounds {
                if round.epoch != epoch, before == nil {
                    before = try Reference(of: host.record.host, epoch: round.epoch, table, in: context)
                }
                let reference = round.epoch == epoch ? Reference(host.works) : before ?? Reference([])
                if let ratio = round.ratio(host.record.confirmations, against: reference, table) {
                    ratios.append(ratio)
                }
            }
            means.append(ConfirmedRatio.mean(ratios))
        }
        self.means = means
        let population = zip(means, sprint.hosts).compactMap { mean, host in
            mean.map { (value: $0, weight: host.weight) }
        }
        medianPartsPerMillion = WeightedMedian.of(population) ?? ConfirmedRatio.whole
    }

    /// The confirmations that settled in the epoch, from first to last claim, and in which anybody proved anything: a moment at
    /// which the whole network was silent counts for nobody. Only those of the epoch or the one before; ascending by id.
    private static func rounds(
        of epoch: UInt64, _ sprint: EpochSprint, _ table: WeightTable, in context: ExecutionContext
    ) throws(LedgerError) -> [Confirmation] {
        let proven = sprint.hosts.flatMap(\.record.confirmations).filter { $0.isDecided && $0.counted > 0 }
        let schedule = context.block.parameters.epochSchedule
        var rounds: [Confirmation] = []
        for id in Set(proven.map(\.round)).sorted() {
            let round = try context.expect(RoundRecord.self, at: StateKey.round(id))
            guard round.isSettled, schedule.index(at: round.timetable.settleHeight) == epoch,
                schedule.index(at: round.settledHeight) == epoch, round.epoch == epoch || round.epoch + 1 == epoch
            else { continue }
            let window = round.timetable.window(.work)
            rounds.append(
                Confirmation(
                    id: id, epoch: round.epoch, blocks: window.upperBound - window.lowerBound + 1,
                    coefficients: try RoundCoefficients(of: id, table, in: context)))
        }
        return rounds
    }
}

/// What a host's sprint came to, for each model: what its confirmations are held against.
private struct Reference {
    private(set) var weights: [(model: Int, weight: UInt64)] = []
    private(set) var blocks: UInt64 = 0

    init(_ works: [EpochSprint.Work]) {
        for work in works where work.isDecided {
            weights.append((work.model, work.audited))
            blocks = work.blocks
        }
    }

    /// That of an earlier epoch.
    init(of host: Address, epoch: UInt64, _ table: WeightTable, in context: ExecutionContext) throws(LedgerError) {
        let record = try context.read(HostEpochRecord.self, at: StateKey.hostEpoch(epoch, host: host))
        for work in record?.sprint ?? [] where work.isDecided && work.epoch == epoch {
            guard let model = table.place(of: work.model),
                let frozen = try context.read(
                    RoundModelRecord.self, at: StateKey.roundModel(work.round, model: work.model))
            else { continue }
            let weight = WeightRules.weight(
                tokens: work.counted, coefficientPartsPerMillion: frozen.coefficientPartsPerMillion)
            weights.append((model, weight))
            blocks = work.workBlocks
        }
    }
}

/// One confirmation.
private struct Confirmation {
    let id: UInt64
    /// In which it opened: whose sprint it confirms.
    let epoch: UInt64
    let blocks: UInt64
    let coefficients: RoundCoefficients

    /// A model that was not decided is left out of both sides; one that was not claimed counts 0.
    ///
    /// - Returns: nil where nothing is left to compare with.
    func ratio(_ works: [ProvenWork], against reference: Reference, _ table: WeightTable) -> UInt64? {
        var expected = reference.weights
        var confirmed: UInt64 = 0
        for work in works where work.round == id {
            guard let model = table.place(of: work.model), expected.contains(where: { $0.model == model }) else {
                continue
            }
            if work.isDecided {
                confirmed = confirmed.addingClamped(coefficients.weight(of: work.counted, model))
            } else {
                expected.removeAll { $0.model == model }
            }
        }
        let sprint = expected.reduce(UInt64(0)) { $0.addingClamped($1.weight) }
        return ConfirmedRatio.of(
            WorkRate(weight: confirmed, blocks: blocks), against: WorkRate(weight: sprint, blocks: reference.blocks))
    }
}
