import Messages
import Primitives
import ProtocolRules
import StateStore

/// Closes an epoch in the first block of the next: weights, powers, rewards. Takes time in proportion to the hosts.
///
/// An epoch that proves nobody changes nothing: weights and powers stay, the emission goes to the pool.
enum EpochTransition {
    /// - Returns: the rewards that are released in parts, whose coins lie in their purse: ascending by account.
    static func run(
        _ epoch: UInt64, in context: inout ExecutionContext
    ) throws(LedgerError) -> [Vesting.Grant] {
        let table = try WeightTable(in: context)
        // Of each host its account, its own record, what it did, what it waits for, and its weights.
        context.state.reserveCapacity(table.totals.count * (4 + table.models.count))
        let sprint = try EpochSprint(of: epoch, table, in: context)
        noteServed(sprint, in: &context)
        var rewards: [Vesting.Grant] = []
        let emission = try mint(for: epoch, in: &context)
        var record = EpochRecord(
            epoch: epoch, emission: emission, hosts: 0, weight: UInt64(clamping: sprint.weight), confirmedWeight: 0,
            medianPartsPerMillion: ConfirmedRatio.whole, paid: .zero, pooled: emission, isProven: sprint.isProven,
            sprint: sprint.round?.id ?? 0)
        if sprint.isProven {
            let confirmations = try EpochConfirmations(of: epoch, sprint, table, in: context)
            record.medianPartsPerMillion = confirmations.medianPartsPerMillion
            let confirmed = try pay(sprint, confirmations, table, &record, &rewards, in: &context)
            let weights = replace(table, by: confirmed, in: &context)
            try EpochPowers.move(from: table.totals, to: weights, in: &context)
        }
        context.write(record, at: StateKey.epoch(epoch))
        context.emit(
            "epoch_closed", ("epoch", "\(epoch)"), ("emission", emission.description),
            ("paid", record.paid.description), ("hosts", "\(record.hosts)"), ("proven", "\(record.isProven)"))
        return rewards
    }

    /// Whether or not the epoch proves anybody: the next sprint may be held against it. Who is paid has it noted with its payout.
    private static func noteServed(_ sprint: EpochSprint, in context: inout ExecutionContext) {
        let isProven = sprint.isProven
        for host in sprint.hosts where !isProven || host.weight == 0 {
            guard host.record.sprint.contains(where: { $0.served > 0 }) else { continue }
            context.write(host.record, at: StateKey.hostEpoch(host.record.epoch, host: host.record.host))
        }
    }

    /// Mints the epoch's emission into the pool, from where it is paid.
    private static func mint(for epoch: UInt64, in context: inout ExecutionContext) throws(LedgerError) -> Amount {
        let record = try context.expect(EmissionRecord.self, at: StateKey.emission)
        var schedule = try record.schedule
        while schedule.epoch < epoch { schedule = try checked { () throws(ArithmeticError) in try schedule.next() } }
        let emission = schedule.emission(after: context.supply.minted)
        try BankModule.mint(emission, to: .pool, in: &context)
        let next = try checked { () throws(ArithmeticError) in try schedule.next() }
        context.write(EmissionRecord(next), at: StateKey.emission)
        return emission
    }

    /// Pays every host its reward and notes how it came about.
    ///
    /// - Returns: confirmed weights, by model and host.
    private static func pay(
        _ sprint: EpochSprint, _ confirmations: EpochConfirmations, _ table: WeightTable, _ record: inout EpochRecord,
        _ rewards: inout [Vesting.Grant], in context: inout ExecutionContext
    ) throws(LedgerError) -> [[Address: UInt64]] {
        let none = [Address: UInt64](minimumCapacity: sprint.hosts.count)
        var confirmed = table.models.map { _ in none }
        let total = sprint.weight
        for (place, host) in sprint.hosts.enumerated() where host.weight > 0 {
            let ratio = confirmations.partsPerMillion(of: place)
            var confirmedWeight: UInt64 = 0
            for work in host.works where !host.record.isConvicted {
                let weight = WeightRules.scaled(work.weight, by: ratio)
                confirmed[work.model][host.record.host] = weight
                confirmedWeight = confirmedWeight.addingClamped(weight)
            }
            let reward = Reward(
                of: record.emission, weight: host.weight, total: total, conduct: host.record.conduct(ratio),
                audits: context.block.parameters.audits, beacon: context.block.parameters.beacon)
            var noted = host.record
            let vesting = context.block.parameters.economy.vestingEpochs
            noted.payout = HostPayout(
                reward, weight: host.weight, confirmed: (ratio, confirmedWeight), vestingEpochs: vesting)
            context.write(noted, at: StateKey.hostEpoch(noted.epoch, host: noted.host))
            try BankModule.move(
                reward.paid, from: .pool, to: vesting > 0 ? .vesting : .balance(noted.host), in: &context)
            if vesting > 0, reward.paid > .zero {
                rewards.append(Vesting.Grant(account: noted.host, amount: reward.paid))
            }
            record.hosts += 1
            record.confirmedWeight = record.confirmedWeight.addingClamped(confirmedWeight)
            let paid = record.paid
            record.paid = try checked { () throws(ArithmeticError) in try paid.adding(reward.paid) }
        }
        let (emission, paid) = (record.emission, record.paid)
        record.pooled = try checked { () throws(ArithmeticError) in try emission.subtracting(paid) }
        return confirmed
    }

    /// Puts the confirmed weights in force, 0 for all who proved nothing.
    ///
    /// - Returns: each active host's weights added up.
    private static func replace(
        _ table: WeightTable, by confirmed: [[Address: UInt64]], in context: inout ExecutionContext
    ) -> [Address: UInt64] {
        var totals = [Address: UInt64](minimumCapacity: table.totals.count)
        for (model, record) in table.models.enumerated() {
            for entry in table.listed[model] {
                let weight = confirmed[model][entry.address] ?? 0
                totals[entry.address, default: 0].addClamped(weight)
                guard weight != entry.weight else { continue }
                context.write(
                    WeightRecord(host: entry.address, weight: weight),
                    at: StateKey.weight(model: record.id, host: entry.address))
            }
        }
        return totals
    }
}

extension HostEpochRecord {
    fileprivate func conduct(_ confirmedPartsPerMillion: UInt64) -> RewardConduct {
        var conduct = RewardConduct()
        conduct.confirmedPartsPerMillion = confirmedPartsPerMillion
        (conduct.duties, conduct.dutiesDone) = (duties, dutiesDone)
        (conduct.requestsServed, conduct.requestsMissed) = (requestsServed, requestsMissed)
        (conduct.drawnBeaconsMissed, conduct.idleBeaconsMissed) = (drawnBeaconsMissed, idleBeaconsMissed)
        conduct.isConvicted = isConvicted
        return conduct
    }
}

extension HostPayout {
    fileprivate init(
        _ reward: Reward, weight: UInt64, confirmed: (partsPerMillion: UInt64, weight: UInt64), vestingEpochs: UInt64
    ) {
        self.init(
            weight: weight, confirmedPartsPerMillion: confirmed.partsPerMillion, confirmedWeight: confirmed.weight,
            share: reward.share, unconfirmed: reward.unconfirmed, undutiful: reward.undutiful, missed: reward.missed,
            withheld: reward.withheld, convicted: reward.convicted, paid: reward.paid, vestingEpochs: vestingEpochs)
    }
}

extension EmissionRecord {
    init(_ schedule: EmissionSchedule) {
        let (high, low) = (UInt64(truncatingIfNeeded: schedule.rate >> 64), UInt64(truncatingIfNeeded: schedule.rate))
        self.init(epoch: schedule.epoch, rate: .bigEndian(high) + .bigEndian(low))
    }

    var schedule: EmissionSchedule {
        get throws(LedgerError) {
            guard rate.count == 16, let high = UInt64(bigEndianBytes: rate.prefix(8)),
                let low = UInt64(bigEndianBytes: rate.suffix(8))
            else { throw .broken("the emission's rate is damaged") }
            return EmissionSchedule(epoch: epoch, rate: UInt128(high) << 64 | UInt128(low))
        }
    }
}
