import Cryptography
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import StateStore
import TestSupport
import Testing

@testable import Ledger

/// A network whose next block is the first of a window of its first sprint, with what its hosts would send for it. Host 0 serves
/// another model, so that there are disputes.
struct RefusalScene {
    let network: SimulatedNetwork
    /// What is due in the next block, by those whose duty it is.
    let duties: [SimulatedDuties.Duty]
    let round: RoundRecord

    var ledger: TestLedger { network.ledger }

    init(before phase: RoundPhase) throws {
        let network = try SimulatedNetwork(hostCount: 8)
        let (ledger, payer) = (network.ledger, network.payer)
        network.behave(0, WrongModelExecutor())
        let sends = try ledger.hosts.map { host in
            try ledger.sign(
                [MsgSend(from: payer.address, to: host.operatorAccount.address, amount: Amount(1_000_000_000))],
                by: payer)
        }
        try ledger.block(sends)
        round = try #require(try ledger.unsettledRounds().first { $0.timetable.kind == .sprint })
        while ledger.height + 1 < round.timetable.window(phase).lowerBound { try network.step() }
        duties = try network.duties.due(in: ledger)
        self.network = network
    }

    /// The first duty of this type that belongs to the sprint.
    func duty<Message: LedgerMessage>(
        _ type: Message.Type, where isWanted: (Message) -> Bool = { _ in true }
    ) throws -> (host: TestHost, message: Message) {
        for duty in duties {
            if let message = duty.message as? Message, isWanted(message) { return (duty.host, message) }
        }
        throw Missing()
    }

    private struct Missing: Error {}

    /// A host that is none of `others`.
    func host(besides others: [Address]) throws -> TestHost {
        try #require(ledger.hosts.last { !others.contains($0.address) })
    }

    /// Whether a host is on the list of a sample's auditors, by the public rule.
    func isListed(_ host: Address, for commitment: AuditCommitment) throws -> Bool {
        let claim = try #require(
            try ledger.record(ClaimRecord.self, at: StateKey.claim(round: round.id, host: commitment.claimant)))
        let entry = claim.entries[0]
        let model = try #require(
            try ledger.record(RoundModelRecord.self, at: StateKey.roundModel(round.id, model: entry.model)))
        let seed = try #require(try ledger.seed(endingAt: round.timetable.window(.draw).upperBound))
        return try entry.audit(claimant: claim.host, round: round, model: model, seed: seed)
            .auditors(of: commitment.number, from: ledger.auditors(epoch: round.epoch, model: entry.model))
            .contains(host)
    }

    /// The auditor whose word on a sample is disputed: the one that opened it.
    func accuser(over commitment: AuditCommitment) throws -> TestHost {
        let sample = commitment.sample(in: round.id)
        return try #require(
            try ledger.hosts.first { host in
                let key = StateKey.audit(sample, stage: .audit, by: host.address)
                return try ledger.record(AuditRecord.self, at: key)?.result != nil
            })
    }

    /// Executes a message in the next block's context, on nothing but the committed state, and expects that it is refused and leaves
    /// nothing but its fee and its sequence.
    ///
    /// - Parameter after: messages that the block holds before it, by their signers.
    func expect(
        _ refusal: Refusal, of message: any LedgerMessage, by signer: TestAccount,
        after: [(message: any LedgerMessage, signer: TestAccount)] = [], _ what: String
    ) throws {
        var context = try begin(at: ledger.height + 1)
        let pipeline = TransactionPipeline(chainID: TestLedger.chainID, verified: VerifiedTransactions())
        let first = try after.map { try ledger.sign([$0.message], by: $0.signer) }
        let bytes = try ledger.sign([message], by: signer)
        for bytes in first {
            let result = try pipeline.execute(bytes, in: &context)
            #expect(result.isAccepted, "\(what): \(result.log)")
        }
        let (before, events) = (context.state.changes(), context.events.count)
        let result = try pipeline.execute(bytes, in: &context)
        #expect(result.refusal == refusal, "\(what): \(result.log)")
        let account = StateKey.account(signer.address)
        let changed = context.state.changes().filter { !before.contains($0) }.map(\.key)
        #expect(changed == [account] && context.events.count == events, "\(what) leaves something behind")
        ledger.forgetSigned()
    }

    private func begin(at height: UInt64) throws -> ExecutionContext {
        var context = try ExecutionContext.next(
            over: ledger.app.state, height: height, hash: .sha256(.bigEndian(height)), parentHash: .zero)
        try EpochsModule.beginBlock(in: &context)
        try BeaconModule.beginBlock(in: &context)
        try RoundsModule.beginBlock(in: &context)
        return context
    }
}
