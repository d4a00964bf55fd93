import Cryptography
import Ledger
import Messages
import Primitives
import ProtocolRules
import StateStore

/// Hosts that work, serve, audit and vote, and developers who pay them, on the real ledger with short windows. What a behaviour
/// earns and suffers can be read from the ledger when it is over.
public final class SimulatedNetwork {
    public let ledger: TestLedger
    public let duties: SimulatedDuties
    /// The developer's account.
    public let payer: TestAccount
    /// Requests that each host serves in a serving round; 0 for none.
    public var requestsPerRound: UInt64 = 4
    /// What a request costs.
    public var fee = Amount(1_000_000)
    private var claimed: [Address: UInt64] = [:]
    private var session: UInt64 = 0

    /// - Parameters:
    ///   - hostCount: at most 64: one session pays them all.
    ///   - change: a last change of the parameters.
    public init(hostCount: Int, _ change: (inout ProtocolParameters) -> Void = { _ in }) throws {
        var plan = TestLedgerPlan()
        plan.hostCount = hostCount
        plan.accountCount = 2
        plan.parameters = SimulatedNetwork.shortWindows
        plan.models = [SimulatedNetwork.model]
        change(&plan.parameters)
        ledger = try TestLedger(plan)
        ledger.audits = false
        payer = ledger.accounts[0]
        duties = SimulatedDuties(hosts: plan.hosts)
        duties.works = true
        duties.feedsBeacon = true
        ledger.duties = duties
        try openSession(groupSize: UInt64(min(64, hostCount)))
    }

    public static let model: ModelRecord = {
        var model = TestLedgerPlan.model("test-model")
        model.ordinaryTokens = TokenRanges(bounds: [17, 49_151]) ?? .none
        return model
    }()

    /// An epoch of 40 blocks with a sprint, a confirmation now and then, and serving rounds of eight blocks.
    private static var shortWindows: ProtocolParameters {
        var parameters = ProtocolParameters.devnet
        parameters.chain.epochBlocks = 40
        parameters.chain.beaconIntervalBlocks = 2
        parameters.rounds.servingWorkBlocks = 8
        parameters.rounds.sprintWorkBlocks = 3
        parameters.rounds.confirmationWorkBlocks = 2
        parameters.rounds.commitBlocks = 2
        parameters.rounds.auditBlocks = 4
        parameters.rounds.openBlocks = 2
        parameters.rounds.appealBlocks = 2
        parameters.rounds.appealOpenBlocks = 2
        return parameters
    }

    private func openSession(groupSize: UInt64) throws {
        let opened = try ledger.openSession(
            by: payer, deposit: Amount(100_000 * Amount.ngonkaPerGNK), groupSize: groupSize, expiryEpochs: 90)
        session = opened?.id ?? 0
    }

    /// The n-th host.
    public func host(_ index: Int) -> Address { ledger.hosts[index].address }

    public func behave(_ index: Int, _ behaviour: any HostBehaviour) { duties.behaviours[host(index)] = behaviour }

    /// Runs until `count` more epochs have ended.
    public func run(epochs count: UInt64) throws {
        let schedule = ledger.parameters.epochSchedule
        let last = try schedule.heights(of: schedule.index(at: ledger.height) + count - 1).upperBound
        while ledger.height <= last { try step() }
    }

    /// Makes a block. Hosts claim what they served where a commit window begins.
    public func step() throws {
        var transactions: [Bytes] = []
        for round in try ledger.unsettledRounds()
        where round.timetable.kind == .serving
            && round.timetable.window(.commit).lowerBound == ledger.height + 1 && requestsPerRound > 0
        {
            transactions += try servingClaims(in: round)
        }
        try ledger.block(transactions)
    }

    private func servingClaims(in round: RoundRecord) throws -> [Bytes] {
        try ledger.hosts.compactMap { host in
            let behaviour = duties.behaviour(of: host.address)
            guard behaviour.isPresent(at: ledger.height + 1), let record = try ledger.host(host.address),
                record.state == .active, round.epoch >= record.barredUntilEpoch,
                let member = try ledger.member(host.address, of: session)
            else { return nil }
            let total = Amount((claimed[host.address] ?? 0) + requestsPerRound * fee.ngonka)
            let part = SessionClaim(
                session: session, firstNumber: member.lastNumber + 1, count: requestsPerRound,
                fee: Amount(requestsPerRound * fee.ngonka),
                voucher: ledger.voucher(session: session, executor: host.address, amount: total, by: payer))
            claimed[host.address] = total.ngonka
            let entries = behaviour.claim(
                [ledger.entry(of: host.address, model: ledger.model, sessions: [part])], of: round)
            let message = MsgCommitClaim(
                operatorAccount: host.operatorAccount.address, host: host.address, round: round.id, entries: entries)
            return try ledger.sign([message], by: host.operatorAccount, fee: .zero)
        }
    }

    // MARK: What came of it

    /// What all epochs noted about a host, oldest first.
    public func epochs(of host: Address) throws -> [HostEpochRecord] {
        let last = ledger.parameters.epochSchedule.index(at: ledger.height)
        return try (1...last).compactMap {
            try ledger.record(HostEpochRecord.self, at: StateKey.hostEpoch($0, host: host))
        }
    }

    /// What the session paid a host, tax taken off.
    public func received(by host: Address) throws -> Amount {
        try ledger.member(host, of: session)?.received ?? .zero
    }

    public func score(of host: Address, as stage: AuditStage = .audit) throws -> ScoreRecord? {
        try ledger.record(ScoreRecord.self, at: StateKey.score(of: host, as: stage, model: ledger.model))
    }

    /// The settled and void claims of a host in rounds of a kind, by round.
    public func claims(of host: Address, _ kind: RoundKind) throws -> [ClaimRecord] {
        let last = UInt64(bigEndianBytes: ledger.app.state.tree.value(for: StateTable.roundCounter.prefix) ?? []) ?? 0
        return try (1...max(1, last)).compactMap { id in
            guard let round = try ledger.roundRecord(id), round.timetable.kind == kind else { return nil }
            return try ledger.record(ClaimRecord.self, at: StateKey.claim(round: id, host: host))
        }
    }
}
