import Cryptography
import Ledger
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import StateStore

/// Hosts that work, serve, audit and vote, and developers who pay them, on the real ledger with short windows. What a behaviour
/// earns and suffers can be read from the ledger when it is over.
public final class SimulatedNetwork {
    public let ledger: TestLedger
    public let duties: SimulatedDuties
    /// What became of the claims and errands in the last block.
    public private(set) var claimResults: [TransactionResult] = []
    /// The developer's account.
    public let payer: TestAccount
    /// Requests that each host serves in a serving round; 0 for none.
    public var requestsPerRound: UInt64 = 4
    /// What a request costs.
    public var fee = Amount(1_000_000)
    /// What every account had at genesis.
    private let balance: Amount
    private var sessions: [Session] = []
    /// What was claimed so far, by session and host.
    private var claimed: [Share: Amount] = [:]

    private struct Session {
        let id: UInt64
        let model: String
        let payer: TestAccount
    }

    private struct Share: Hashable {
        let session: UInt64
        let host: Address
    }

    /// - Parameters:
    ///   - models: all with ordinary tokens, ascending by id.
    ///   - listings: the models of each host, in order; hosts beyond the list serve all.
    ///   - weights: of each host at genesis, in order; hosts beyond the list have 100.
    ///   - picksGroups: whether the payer names its sessions' hosts; false needs at most 64 hosts, all of which can be drawn.
    ///   - change: a last change of the parameters.
    public init(
        hostCount: Int, models: [ModelRecord] = [model], listings: [[String]] = [], weights: [UInt64] = [],
        picksGroups: Bool = true,
        _ change: (inout ProtocolParameters) -> Void = { _ in }
    ) throws {
        var plan = TestLedgerPlan()
        plan.hostCount = hostCount
        plan.accountCount = 2
        plan.parameters = SimulatedNetwork.shortWindows
        plan.models = models
        plan.listings = listings
        plan.weights = weights
        change(&plan.parameters)
        balance = plan.balance
        ledger = try TestLedger(plan)
        ledger.audits = false
        payer = ledger.accounts[0]
        duties = SimulatedDuties(hosts: plan.hosts)
        duties.works = true
        duties.feedsBeacon = true
        ledger.duties = duties
        var groups: [Group] = []
        for model in models {
            let servers = plan.hosts.enumerated().filter {
                $0.offset >= listings.count || listings[$0.offset].contains(model.id)
            }
            for first in stride(from: 0, to: servers.count, by: SimulatedNetwork.groupSizeMax) {
                let group = servers[first..<min(servers.count, first + SimulatedNetwork.groupSizeMax)]
                groups.append((model.id, group.map(\.element.address)))
            }
        }
        try openSessions(of: groups, by: payer, isPicked: picksGroups)
    }

    private static let groupSizeMax = 64
    public static let deposit = Amount(100_000 * Amount.ngonkaPerGNK)

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

    /// Opens a session whose executors claim from it in every serving round.
    ///
    /// - Parameters:
    ///   - group: at most 64 hosts, all of which are members.
    ///   - isPicked: whether the payer says so; false only where the group is all that could be drawn. Who picks a group accuses
    ///     nobody with it.
    @discardableResult
    public func openSession(
        model: String = model.id, by payer: TestAccount, for group: [Address], isPicked: Bool = true,
        deposit: Amount = SimulatedNetwork.deposit
    ) throws -> UInt64 {
        try openSessions(of: [(model, group)], by: payer, isPicked: isPicked, deposit: deposit)
        return try ledger.lastSessionID()
    }

    private typealias Group = (model: String, hosts: [Address])

    /// Takes two blocks, however many there are, so that behaviours can be given before the first sprint is claimed.
    private func openSessions(
        of groups: [Group], by payer: TestAccount, isPicked: Bool, deposit: Amount = deposit
    ) throws {
        let before = try ledger.lastSessionID()
        let openings = try groups.map { group in
            let message = MsgOpenSession(
                payer: payer.address, model: group.model, deposit: deposit,
                sessionKey: payer.key.publicKey.compressed, groupSize: UInt64(group.hosts.count), expiryEpochs: 90,
                allowedHosts: isPicked ? group.hosts.sorted() : [])
            return try ledger.sign([message], by: payer)
        }
        try ledger.block(openings)
        try ledger.block()
        for (id, group) in zip((before + 1)..., groups) {
            sessions.append(Session(id: id, model: group.model, payer: payer))
        }
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
    ///
    /// - Parameters:
    ///   - others: messages of accounts that are no hosts, by their signers.
    ///   - consensus: what the block tells of validators.
    public func step(
        sending others: [(message: any LedgerMessage, signer: TestAccount)] = [], consensus: ConsensusNews = .none
    ) throws {
        var transactions = try others.map { try ledger.sign([$0.message], by: $0.signer) }
        for round in try ledger.unsettledRounds()
        where round.timetable.kind == .serving
            && round.timetable.window(.commit).lowerBound == ledger.height + 1 && requestsPerRound > 0
        {
            transactions += try servingClaims(in: round)
        }
        for host in ledger.hosts {
            let messages = try duties.behaviours[host.address]?.errands(in: ledger) ?? []
            if !messages.isEmpty { transactions.append(try ledger.sign(messages, by: host.account)) }
        }
        claimResults = try ledger.block(transactions, consensus: consensus).transactionResults
    }

    /// Who was convicted claims too: the ledger has to refuse it.
    private func servingClaims(in round: RoundRecord) throws -> [Bytes] {
        try ledger.hosts.compactMap { host in
            let behaviour = duties.behaviour(of: host.address)
            guard behaviour.isPresent(at: ledger.height + 1), let record = try ledger.host(host.address),
                record.state == .active
            else { return nil }
            let entries = try record.models.compactMap { model -> ClaimEntry? in
                let parts = try sessions.filter { $0.model == model }.compactMap { try part(of: $0, host, behaviour) }
                return parts.isEmpty ? nil : ledger.entry(of: host.address, model: model, sessions: parts)
            }
            guard !entries.isEmpty else { return nil }
            let message = MsgCommitClaim(
                operatorAccount: host.operatorAccount.address, host: host.address, round: round.id,
                entries: behaviour.claim(entries, of: round))
            return try ledger.sign([message], by: host.operatorAccount, fee: .zero)
        }
    }

    /// What a host served in a session since its last claim.
    private func part(
        of session: Session, _ host: TestHost, _ behaviour: any HostBehaviour
    ) throws -> SessionClaim? {
        let count = behaviour.requests(of: session.payer.address) ?? requestsPerRound
        guard count > 0, try ledger.session(session.id)?.state == .open,
            let member = try ledger.member(host.address, of: session.id)
        else { return nil }
        let share = Share(session: session.id, host: host.address)
        let fee = Amount(count * self.fee.ngonka)
        let total = Amount(claimed[share, default: .zero].ngonka + fee.ngonka)
        claimed[share] = total
        return SessionClaim(
            session: session.id, firstNumber: member.lastNumber + 1, count: count, fee: fee,
            voucher: ledger.voucher(session: session.id, executor: host.address, amount: total, by: session.payer))
    }

    // MARK: What came of it

    /// What all epochs noted about a host, oldest first.
    public func epochs(of host: Address) throws -> [HostEpochRecord] {
        let last = ledger.parameters.epochSchedule.index(at: ledger.height)
        return try (1...last).compactMap {
            try ledger.record(HostEpochRecord.self, at: StateKey.hostEpoch($0, host: host))
        }
    }

    /// What sessions paid a host, tax taken off.
    public func received(by host: Address) throws -> Amount {
        Amount(try sessions.reduce(0) { try $0 + (ledger.member(host, of: $1.id)?.received.ngonka ?? 0) })
    }

    /// What a host has to show for its time.
    public func earnings(of index: Int) throws -> Earnings {
        let host = host(index)
        let epochs = try epochs(of: host)
        let record = try ledger.host(host)
        let vesting = try ledger.record(VestingRecord.self, at: StateKey.vesting(host))?.amounts ?? []
        let coins =
            try ledger.balance(of: host).ngonka + (record?.bond.ngonka ?? 0)
            + (record?.collateral.ngonka ?? 0) + ledger.leaving(of: host).ngonka + vesting.reduce(0, +)
        let emission = epochs.reduce(0) { $0 + ($1.payout?.paid.ngonka ?? 0) }
        return Earnings(
            received: try received(by: host).ngonka,
            sprintTokens: epochs.flatMap(\.sprint).reduce(0) { $0 + $1.counted },
            confirmationTokens: epochs.flatMap(\.confirmations).reduce(0) { $0 + $1.counted },
            emission: emission, gain: Int64(coins) - Int64(balance.ngonka) - Int64(emission),
            convictions: try (score(of: host)?.convictions ?? 0) + (score(of: host, as: .appeal)?.convictions ?? 0),
            duties: epochs.reduce(0) { $0 + $1.duties }, dutiesDone: epochs.reduce(0) { $0 + $1.dutiesDone })
    }

    /// Its score for the first model.
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

/// What a host earned and lost, as far as the ledger has paid and noted it.
public struct Earnings: Equatable, Sendable {
    /// Fees of sessions, tax taken off, in ngonka.
    public let received: UInt64
    /// Tokens that sprints and confirmations proved.
    public let sprintTokens: UInt64
    public let confirmationTokens: UInt64
    /// Its rewards of closed epochs, in ngonka.
    public let emission: UInt64
    /// What all its coins but those rewards are more than at genesis, in ngonka: fees and disputes won less what was slashed, lost in
    /// disputes and burned.
    public let gain: Int64
    /// For its work and for its word.
    public let convictions: UInt64
    public let duties: UInt64
    public let dutiesDone: UInt64
}
