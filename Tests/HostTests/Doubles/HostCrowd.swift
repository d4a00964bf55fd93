import EngineAPI
import LedgerClient
import Messages
import Primitives
import ProtocolRules
import StubEngine
import TestSupport

@testable import HostRoles

/// All hosts of a real ledger, each with all its duties. Every transaction has a block of its own, so the windows are long enough
/// for one message of every host after the other.
struct HostCrowd {
    let ledger: InMemoryLedger
    let exchange: AuditExchange
    var hosts: [HostScene]

    /// Whoever is not ready yet is asked again at once.
    static let limits: Limits = {
        var limits = Limits()
        limits.auditBackOff = .milliseconds(1)
        return limits
    }()

    static func plan(hostCount: Int) -> TestLedgerPlan {
        var plan = TestLedgerPlan()
        plan.hostCount = hostCount
        plan.parameters.chain.epochBlocks = 400
        plan.parameters.chain.beaconIntervalBlocks = 10
        plan.parameters.rounds.servingWorkBlocks = 20
        plan.parameters.rounds.sprintWorkBlocks = 20
        plan.parameters.rounds.confirmationsPerEpoch = 0
        plan.parameters.rounds.commitBlocks = 10
        plan.parameters.rounds.auditBlocks = 40
        plan.parameters.rounds.openBlocks = 30
        plan.parameters.rounds.appealBlocks = 40
        plan.parameters.rounds.appealOpenBlocks = 30
        plan.parameters.sessions.groupSizeDefault = UInt64(hostCount)
        return plan
    }

    /// - Parameter engine: of each host by its number; all run the same model unless told otherwise.
    init(
        hostCount: Int = 3, plan: TestLedgerPlan? = nil, limits: Limits = HostCrowd.limits,
        clock: any Clock<Duration> = ContinuousClock(),
        engine: (Int) -> any Engine = { _ in ScriptedEngine(model: "test-model", answer: "Hello there") }
    ) async throws {
        ledger = try await HostScene.ledger(plan ?? HostCrowd.plan(hostCount: hostCount))
        try await ledger.run { ledger in
            ledger.duties = nil
            // Only the first message of a window is free: whoever takes over from a silent auditor pays for it.
            for host in ledger.hosts {
                let coins = MsgSend(
                    from: ledger.accounts[1].address, to: host.operatorAccount.address,
                    amount: Amount(Amount.ngonkaPerGNK))
                try ledger.run(coins, by: ledger.accounts[1])
            }
        }
        exchange = AuditExchange()
        hosts = []
        for number in 0..<hostCount {
            hosts.append(
                try await HostScene(
                    engine: engine(number), ledger: ledger, limits: limits, clock: clock, host: number,
                    exchange: exchange))
        }
    }

    /// Lets every host do what is due at this height, until none has anything left to send.
    ///
    /// - Parameter waits: whether it waits for samples that are being looked at; not where one cannot be fetched.
    func work(waits: Bool = true) async throws {
        var isBusy = true
        while isBusy {
            isBusy = false
            for host in hosts {
                let before = await ledger.submissions
                try await host.keeper.step()
                let hasSent = try await host.duties.step()
                let submissions = await ledger.submissions
                isBusy = isBusy || hasSent || submissions > before
            }
            // Only now, as each waits for the others to know what they have to hand out.
            for host in hosts where waits {
                while await host.duties.audits.examinations > 0 {
                    isBusy = true
                    await Task.yield()
                }
            }
        }
        for host in hosts { try await host.duties.step() }
    }

    /// Makes blocks up to `height`, the hosts working after each.
    func advance(to height: UInt64, waits: Bool = true) async throws {
        while await ledger.run({ $0.height }) < height {
            _ = try await ledger.run { _ = try $0.block() }
            try await work(waits: waits)
        }
    }

    /// Goes on until the round with this id is settled.
    func settle(_ round: UInt64, waits: Bool = true) async throws {
        while try await ledger.run({ try $0.roundRecord(round)?.isSettled }) != true {
            try await advance(to: await ledger.run { $0.height } + 1, waits: waits)
        }
    }

    func claim(of host: Int = 0, in round: UInt64) async throws -> ClaimRecord? {
        try await ledger.claim(of: hosts[host].identity.address, in: round)
    }
}
