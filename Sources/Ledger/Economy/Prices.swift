import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore

/// Prices follow use, one step a serving round.
enum Prices {
    /// Adjusts the prices of all active models after a serving round has settled: by the weighted median over a model's hosts of
    /// what they served ÷ what they proved they could. One that claimed nothing served nothing. Takes time in proportion to the
    /// round's claims and the models' hosts.
    static func adjust(after round: RoundRecord, in context: inout ExecutionContext) throws(LedgerError) {
        let table = try WeightTable(in: context)
        let served = try served(in: round, table, context)
        let (rounds, economy) = (context.block.parameters.rounds, context.block.parameters.economy)
        let window = round.timetable.window(.work)
        for (place, model) in table.models.enumerated() where model.state == .active {
            let uses = table.listed[place].map { host in
                let proven = PriceRule.provenTokens(
                    weight: host.weight, coefficientPartsPerMillion: model.coefficientPartsPerMillion,
                    sprintBlocks: rounds.sprintWorkBlocks, blocks: window.upperBound - window.lowerBound + 1)
                let tokens = served[place][host.address] ?? 0
                return (value: PriceRule.utilisation(served: tokens, proven: proven), weight: host.weight)
            }
            guard let utilisation = WeightedMedian.of(uses) else { continue }
            var changed = model
            changed.prices = PriceRule.adjusted(
                model.prices, utilisation: utilisation, bounds: economy.priceMin...economy.priceMax)
            guard changed.prices != model.prices else { continue }
            context.write(changed, at: StateKey.model(model.id))
            context.emit(
                "prices_changed", ("model", model.id), ("utilisation_ppm", "\(utilisation)"),
                ("input", "\(changed.prices.input)"), ("output", "\(changed.prices.output)"))
        }
    }

    /// Output tokens that counted, by model and host.
    private static func served(
        in round: RoundRecord, _ table: WeightTable, _ context: ExecutionContext
    ) throws(LedgerError) -> [[Address: UInt64]] {
        var served: [[Address: UInt64]] = table.models.map { _ in [:] }
        try context.forEachEntry(under: StateKey.claims(round: round.id)) { (entry) throws(LedgerError) in
            let claim = try context.decode(ClaimRecord.self, entry)
            guard claim.state == .settled else { return }
            for (claimed, outcome) in zip(claim.entries, claim.outcomes) where outcome.state == .decided {
                guard let model = table.place(of: claimed.model) else { continue }
                served[model][claim.host] = outcome.countedTokens
            }
        }
        return served
    }
}
