import Cryptography
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import StateStore
import TestSupport
import Testing

@testable import Ledger

/// The first epoch of a ledger, written down as rounds would leave it, and closed in the first block of the second.
final class EpochScene {
    static let sprintID: UInt64 = 1

    var context: ExecutionContext
    let hosts: [Address]
    let models: [String]
    let parameters: ProtocolParameters
    private let weights: [UInt64]

    /// Hosts are in ascending order of addresses, each with a genesis weight for every model.
    ///
    /// - Parameter sprintOf: the epoch that the sprint belongs to.
    init(
        weights: [UInt64] = [100, 100, 100, 100], models: [ModelRecord] = [TestLedgerPlan.model("test-model")],
        _ change: (inout ProtocolParameters) -> Void = { _ in }
    ) throws {
        var plan = TestLedgerPlan()
        plan.hostCount = weights.count
        plan.models = models
        change(&plan.parameters)
        // Genesis weights go by the plan's order; here they go by address.
        let addresses = plan.hosts.map(\.address)
        hosts = addresses.sorted()
        let sorted = hosts
        plan.weights = addresses.map { weights[sorted.firstIndex(of: $0) ?? 0] }
        let ledger = try TestLedger(plan)
        parameters = plan.parameters
        self.models = models.map(\.id)
        self.weights = weights
        context = try .next(
            over: ledger.app.state, height: parameters.chain.epochBlocks + 1, hash: .zero, parentHash: .zero)
        try openSprint()
    }

    private func openSprint() throws {
        try open(EpochScene.sprintID, .sprint, at: 1)
        context.state.write(.bigEndian(1), for: RoundsKeys.serialCounter(.sprint))
        context.state.write(.bigEndian(EpochScene.sprintID), for: StateKey.round(kind: .sprint, serial: 1))
        for model in models {
            context.write(
                AuditorsRecord(
                    epoch: 1, model: model, hosts: hosts,
                    weights: weights.map { $0 * UInt64(models.count) }),
                at: StateKey.auditors(epoch: 1, model: model))
            audit(model, by: Array(hosts.indices))
        }
    }

    /// Writes a round of the first epoch, settled in its settle height.
    func open(_ id: UInt64, _ kind: RoundKind, at height: UInt64, settledAt settled: UInt64? = nil) throws {
        let timetable = try RoundTimetable(
            openingHeight: height, kind: kind, windows: parameters.rounds, beacon: parameters.beaconSchedule)
        var round = RoundRecord(
            id: id, timetable: timetable, serial: 1, epoch: 1, terms: RoundTerms(of: kind, parameters.rounds))
        round.isSettled = true
        round.settledHeight = settled ?? timetable.settleHeight
        context.write(round, at: StateKey.round(id))
        for model in models {
            context.write(
                RoundModelRecord(
                    model: model, coefficientPartsPerMillion: 1_000_000, thresholds: .smolLM2, isObserved: false,
                    fee: .zero, tokens: 0, dustTokens: 0),
                at: StateKey.roundModel(id, model: model))
        }
    }

    /// Who audited a model in the sprint; before, all hosts did.
    func audit(_ model: String, by auditors: [Int]) {
        for (index, host) in hosts.enumerated() {
            let key = RoundsKeys.auditor(host, of: model, in: EpochScene.sprintID)
            if auditors.contains(index) { context.state.write([1], for: key) } else { context.state.delete(key) }
        }
    }

    func note(_ host: Int, _ change: (inout HostEpochRecord) -> Void) throws {
        try HostsWrites.note(hosts[host], epoch: 1, in: &context, change)
    }

    /// A host's sprint for a model.
    func prove(
        _ host: Int, _ tokens: UInt64, model: Int = 0, claimed: UInt64? = nil, isDecided: Bool = true
    ) throws {
        let work = ProvenWork(
            round: EpochScene.sprintID, model: models[model], workBlocks: parameters.rounds.sprintWorkBlocks, epoch: 1,
            claimed: claimed ?? tokens, counted: isDecided ? tokens : 0, isDecided: isDecided)
        try note(host) { $0.sprint.append(work) }
    }

    /// A host's part of a confirmation.
    func confirm(_ host: Int, _ tokens: UInt64, in round: UInt64, model: Int = 0, isDecided: Bool = true) throws {
        let work = ProvenWork(
            round: round, model: models[model], workBlocks: parameters.rounds.confirmationWorkBlocks, epoch: 1,
            claimed: tokens, counted: isDecided ? tokens : 0, isDecided: isDecided)
        try note(host) { $0.confirmations.append(work) }
    }

    /// Closes the epoch.
    func close() throws {
        let (rewards, epochs) = (try EpochTransition.run(1, in: &context), parameters.economy.vestingEpochs)
        try Vesting.release(at: 2, granting: rewards, over: epochs, in: &context)
    }

    /// A context in the first block of a later epoch, over all that is written here.
    func atStart(of epoch: UInt64) throws -> ExecutionContext {
        context.write(context.supply, at: StateKey.supply)
        let height = try parameters.epochSchedule.heights(of: epoch).lowerBound
        let state = StoredState(chainID: TestLedger.chainID, height: height - 1, tree: context.state.finish().tree)
        return try .next(over: state, height: height, hash: .zero, parentHash: .zero)
    }

    /// Promises coins of the pool.
    func promise(_ ngonka: UInt64, to account: Address, over epochs: UInt64) throws {
        try BankModule.move(Amount(ngonka), from: .pool, to: .vesting, in: &context)
        try Vesting.promise(Amount(ngonka), to: account, over: epochs, in: &context)
    }

    var epoch: EpochRecord { get throws { try context.expect(EpochRecord.self, at: StateKey.epoch(1)) } }

    func payout(_ host: Int) throws -> HostPayout? {
        try context.read(HostEpochRecord.self, at: StateKey.hostEpoch(1, host: hosts[host]))?.payout
    }

    func weight(_ host: Int, model: Int = 0) throws -> UInt64 {
        try HostsReads.weight(of: hosts[host], model: models[model], in: context)
    }

    /// The power of every host, in their order.
    func powers() throws -> [UInt64] {
        try hosts.map { try context.read(ValidatorRecord.self, at: StateKey.validator($0))?.power ?? 0 }
    }

    func balance(_ host: Int) throws -> Amount { try BankReads.account(hosts[host], in: context).balance }

    /// R(1).
    static let emission = EmissionSchedule().emission(after: .zero)
}
