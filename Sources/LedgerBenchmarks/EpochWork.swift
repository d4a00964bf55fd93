import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore
import WireFormat

/// What hosts did in an epoch, as rounds would have left it: sprints, confirmations, serving and duties of all, what they put down, what
/// of it is on its way back, what they wait for, and who votes.
struct EpochWork {
    private let hosts: [LoadHost]
    private let models: [String]
    private let size: EpochLoad.Size
    private let parameters: ProtocolParameters

    init(of hosts: [LoadHost], models: [String], size: EpochLoad.Size, _ parameters: ProtocolParameters) {
        self.hosts = hosts
        self.models = models
        self.size = size
        self.parameters = parameters
    }

    /// The state with all of it. Every coin that is put somewhere counts as one of genesis, so that the ledger's audit holds.
    func written(into state: StoredState) throws -> StoredState {
        let transaction = StateTransaction(over: state.tree)
        let rounds = try rounds(of: state)
        writeValidators(into: transaction, told: state)
        guard let bytes = transaction.value(for: StateKey.supply) else { throw WireError.truncated }
        var supply = try SupplyRecord.decode(bytes)
        for host in hosts {
            write(work(of: host, in: rounds), into: transaction)
            write(workBefore(of: host), into: transaction)
            for model in models {
                let sprint = rounds.first { $0.timetable.kind == .sprint }?.id ?? 0
                transaction.write([1], for: auditorKey(host.address, model, sprint))
            }
            let vesting = vesting(of: host)
            transaction.write(vesting.encoded(), for: StateKey.vesting(host.address))
            try add(vesting.amounts.reduce(0, +), to: \.vesting, of: &supply)
            try add(try putDown(by: host, in: transaction), to: \.collateral, of: &supply)
        }
        for host in hosts.prefix(size.withdrawals) {
            let (due, amount) = (EpochLoad.epoch + 1, Amount.ngonkaPerGNK)
            let record = WithdrawalRecord(host: host.address, epoch: due, amount: Amount(amount))
            transaction.write(record.encoded(), for: StateKey.withdrawal(epoch: due, host: host.address))
            try add(amount, to: \.collateral, of: &supply)
        }
        transaction.write(supply.encoded(), for: StateKey.supply)
        return StoredState(chainID: state.chainID, height: state.height, tree: transaction.finish().tree)
    }

    /// All that opened in the epoch.
    private func rounds(of state: StoredState) throws -> [RoundRecord] {
        try state.tree.scan(prefix: StateTable.rounds.prefix).map { try RoundRecord.decode($0.value) }
            .filter { $0.epoch == EpochLoad.epoch }
    }

    private func add(
        _ ngonka: UInt64, to purse: WritableKeyPath<SupplyRecord, Amount>, of supply: inout SupplyRecord
    ) throws {
        supply[keyPath: purse] = try supply[keyPath: purse].adding(Amount(ngonka))
        supply.genesis = try supply.genesis.adding(Amount(ngonka))
    }

    private func write(_ record: HostEpochRecord, into transaction: StateTransaction) {
        transaction.write(record.encoded(), for: StateKey.hostEpoch(record.epoch, host: record.host))
    }

    // MARK: What a host did

    private func work(of host: LoadHost, in rounds: [RoundRecord]) -> HostEpochRecord {
        var record = HostEpochRecord(empty: host.address, epoch: EpochLoad.epoch)
        for round in rounds {
            switch round.timetable.kind {
            case .sprint: record.sprint = works(of: host, in: round)
            // One that settles in the next epoch is not noted in this one.
            case .confirmation where parameters.epochSchedule.index(at: round.timetable.settleHeight) == round.epoch:
                record.confirmations += works(of: host, in: round)
            case .confirmation: continue
            case .serving:
                let sprint = parameters.rounds.sprintWorkBlocks
                let start = round.timetable.openingHeight % parameters.chain.epochBlocks
                if start <= sprint { record.served += works(of: host, in: round) }
            }
        }
        (record.duties, record.dutiesDone) = (32, 24 + host.chance("duties", below: 9))
        record.requestsServed = host.chance("requests", below: 10_000)
        return record
    }

    private func works(of host: LoadHost, in round: RoundRecord) -> [ProvenWork] {
        let window = round.timetable.window(.work)
        return models.map { model in
            let tokens = 20_000 + host.chance("\(round.timetable.kind.name) \(model)", below: 60_000)
            return ProvenWork(
                round: round.id, model: model, workBlocks: UInt64(window.count), epoch: round.epoch, claimed: tokens,
                counted: tokens - host.chance("bad \(model)", below: 100), isDecided: true)
        }
    }

    private func workBefore(of host: LoadHost) -> HostEpochRecord {
        var record = HostEpochRecord(empty: host.address, epoch: EpochLoad.epoch - 1)
        record.sprint = models.map { model in
            let tokens = 20_000 + host.chance("before \(model)", below: 60_000)
            return ProvenWork(
                round: 1, model: model, workBlocks: parameters.rounds.sprintWorkBlocks, epoch: record.epoch,
                claimed: tokens, counted: tokens, isDecided: true)
        }
        return record
    }

    /// `060c ‖ round ‖ model ‖ address`: the host scored items of the model in the sprint.
    private func auditorKey(_ host: Address, _ model: String, _ round: UInt64) -> Bytes {
        let id = Bytes(model.utf8)
        return StateTable.roundAuditors.key(.bigEndian(round), [UInt8(truncatingIfNeeded: id.count)], id) + host.bytes
    }

    // MARK: What a host has

    private func vesting(of host: LoadHost) -> VestingRecord {
        let part = 100_000_000 + host.chance("vesting", below: 1_000_000_000)
        return VestingRecord(
            account: host.address, epoch: EpochLoad.epoch + 1,
            amounts: (0..<max(1, size.vestingEpochs)).map { part + $0 * 1_000_003 })
    }

    /// Puts down collateral: enough for most.
    private func putDown(by host: LoadHost, in transaction: StateTransaction) throws -> UInt64 {
        let key = StateKey.host(host.address)
        guard let bytes = transaction.value(for: key) else { throw WireError.truncated }
        var record = try HostRecord.decode(bytes)
        record.collateral = Amount(5 * Amount.ngonkaPerGNK + host.chance("collateral", below: 10 * Amount.ngonkaPerGNK))
        transaction.write(record.encoded(), for: key)
        return record.collateral.ngonka
    }

    /// The first hosts vote, each with as much as any other, and consensus knows.
    private func writeValidators(into transaction: StateTransaction, told state: StoredState) {
        for table in [StateTable.validators, .consensusValidators] {
            for entry in state.tree.scan(prefix: table.prefix) { transaction.delete(entry.key) }
        }
        let power = VotingPowerRules.total / UInt64(max(1, size.validators))
        for host in hosts.prefix(size.validators) {
            let record = ValidatorRecord(host: host.address, power: power)
            transaction.write(record.encoded(), for: StateKey.validator(host.address))
            transaction.write(.bigEndian(power), for: StateKey.consensusValidator(host.consensusKey))
        }
    }
}
