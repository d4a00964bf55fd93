import Messages
import Primitives
import ProtocolRules
import StateStore

/// What the hosts proved in an epoch's sprint: their weights before confirmations.
struct EpochSprint {
    /// One host's part.
    struct Host {
        let record: HostEpochRecord
        /// One for each model of its sprint.
        var works: [Work]

        /// What its share of the emission is a part for.
        var weight: UInt64 { works.reduce(0) { $0.addingClamped($1.weight) } }
    }

    /// One host's work for one model.
    struct Work {
        /// Among the models of the table.
        let model: Int
        /// What the tokens that it proved weigh: what confirmations are held against.
        let audited: UInt64
        let blocks: UInt64
        /// False where too few samples were scored.
        let isDecided: Bool
        /// What counts in the end.
        var weight: UInt64
    }

    /// The round of the sprint; nil where none opened in the epoch.
    let round: RoundRecord?
    /// All that did anything in the epoch, ascending by address.
    private(set) var hosts: [Host]

    /// Whether anybody proved anything.
    var isProven: Bool { hosts.contains { $0.works.contains { $0.isDecided && $0.weight > 0 } } }

    /// Of all hosts; shares are parts of it.
    var weight: UInt128 { hosts.reduce(0) { $0 + UInt128($1.weight) } }

    init(of epoch: UInt64, _ table: WeightTable, in context: ExecutionContext) throws(LedgerError) {
        let newest = try RoundsReads.newest(.sprint, in: context)
        let round = newest?.epoch == epoch ? newest : nil
        self.round = round
        let coefficients = try RoundCoefficients(of: round?.id, table, in: context)
        var records: [HostEpochRecord] = []
        try context.forEachEntry(under: StateKey.hostEpochs(epoch)) { (entry) throws(LedgerError) in
            records.append(try context.decode(HostEpochRecord.self, entry))
        }
        if let round { try EpochServed.note(in: &records, sprint: round, table, context) }
        hosts = records.map { record in
            let works = record.sprint.compactMap { work in
                work.round == round?.id ? EpochSprint.work(work, of: record.host, coefficients, table) : nil
            }
            return Host(record: record, works: works)
        }
        try applyModelRule(of: epoch, table, in: context)
        try applyCollateral(of: epoch, in: context)
    }

    /// What was not decided keeps the host's weight for the model, as far as it was claimed again.
    private static func work(
        _ work: ProvenWork, of host: Address, _ coefficients: RoundCoefficients, _ table: WeightTable
    ) -> Work? {
        guard let model = table.place(of: work.model) else { return nil }
        let audited = coefficients.weight(of: work.counted, model)
        let counted = coefficients.weight(of: work.counted.addingClamped(work.served), model)
        guard !work.isDecided else {
            return Work(model: model, audited: audited, blocks: work.workBlocks, isDecided: true, weight: counted)
        }
        let kept = min(coefficients.weight(of: work.claimed, model), table.weight(of: host, for: model))
        return Work(model: model, audited: audited, blocks: work.workBlocks, isDecided: false, weight: kept)
    }

    /// Takes out what too few auditors stand for, and cuts models without an anchor down to what theirs weigh.
    private mutating func applyModelRule(
        of epoch: UInt64, _ table: WeightTable, in context: ExecutionContext
    ) throws(LedgerError) {
        guard let round else { return }
        let atWork = Set(hosts.filter { !$0.record.sprint.isEmpty || $0.record.dutiesDone > 0 }.map(\.record.host))
        for model in table.models.indices {
            let rule = try ModelRule(model, of: epoch, in: round.id, table, atWork: atWork, context)
            if !rule.counts { change(model) { $0.isDecided ? 0 : $0.weight } }
            if let cap = rule.cap {
                let total = hosts.reduce(UInt128(0)) { sum, host in
                    host.works.reduce(sum) { $1.model == model ? $0 + UInt128($1.weight) : $0 }
                }
                change(model) { WeightRules.capped($0.weight, total: total, cap: cap) }
            }
        }
    }

    private mutating func change(_ model: Int, _ weight: (Work) -> UInt64) {
        for host in hosts.indices {
            for place in hosts[host].works.indices where hosts[host].works[place].model == model {
                hosts[host].works[place].weight = weight(hosts[host].works[place])
            }
        }
    }

    /// Cuts weight that no collateral secures, every model's by the same part.
    private mutating func applyCollateral(of epoch: UInt64, in context: ExecutionContext) throws(LedgerError) {
        let economy = context.block.parameters.economy
        guard epoch > economy.collateralGraceEpochs, economy.collateralPerWeightNgonka > 0 else { return }
        for host in hosts.indices where !hosts[host].works.isEmpty {
            let collateral = try HostsReads.host(hosts[host].record.host, in: context)?.collateral ?? .zero
            let whole = hosts[host].weight
            let secured = WeightRules.secured(
                whole, collateral: collateral, perUnit: economy.collateralPerWeightNgonka,
                freePartsPerMillion: economy.collateralFreePartsPerMillion)
            guard secured < whole else { continue }
            for place in hosts[host].works.indices {
                hosts[host].works[place].weight = WeightRules.share(
                    hosts[host].works[place].weight, secured, of: whole)
            }
        }
    }
}

/// What tokens of each model weigh in one round, as it froze it.
struct RoundCoefficients {
    private let partsPerMillion: [UInt64]

    /// - Parameter round: nil for none, in which nothing weighs anything.
    init(of round: UInt64?, _ table: WeightTable, in context: ExecutionContext) throws(LedgerError) {
        var coefficients: [UInt64] = []
        for model in table.models {
            let frozen = try round.flatMap { (round) throws(LedgerError) in
                try context.read(RoundModelRecord.self, at: StateKey.roundModel(round, model: model.id))
            }
            coefficients.append(frozen?.coefficientPartsPerMillion ?? 0)
        }
        partsPerMillion = coefficients
    }

    func weight(of tokens: UInt64, _ model: Int) -> UInt64 {
        WeightRules.weight(tokens: tokens, coefficientPartsPerMillion: partsPerMillion[model])
    }
}
