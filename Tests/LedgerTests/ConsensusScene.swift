import Cryptography
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import TestSupport

@testable import Ledger

/// A ledger whose blocks consensus validators sign, who are told what it answers. After every block both know the same powers.
final class ConsensusScene {
    let ledger: TestLedger
    private(set) var consensus: SimulatedConsensus
    /// By number: hosts whose consensus node is not there.
    var absent: Set<Int> = []

    /// - Parameter weights: of each host; its power is in proportion, within the caps.
    init(weights: [UInt64] = [100, 100, 100, 100], _ change: (inout ProtocolParameters) -> Void = { _ in }) throws {
        var plan = TestLedgerPlan()
        plan.hostCount = weights.count
        plan.weights = weights
        change(&plan.parameters)
        ledger = try TestLedger(plan)
        ledger.duties = nil
        ledger.audits = false
        consensus = try SimulatedConsensus(ledger.validators)
    }

    func key(_ host: Int) -> Bytes { ledger.hosts[host].consensusKey.publicKey.bytes }

    func evidence(_ host: Int, at height: UInt64, _ kind: Misbehavior.Kind = .duplicateVote) -> Misbehavior {
        Misbehavior(kind: kind, validator: SimulatedConsensus.address(key(host)), height: height)
    }

    /// - Returns: what the block did.
    @discardableResult
    func block(_ transactions: [Bytes] = [], misbehavior: [Misbehavior] = []) throws -> BlockResult {
        let away = Set(absent.map(key))
        let news = consensus.news(misbehavior: misbehavior) { !away.contains($0) }
        let result = try ledger.block(transactions, consensus: news)
        try consensus.take(result.validatorUpdates)
        return result
    }

    func blocks(_ count: Int) throws {
        for _ in 0..<count { try block() }
    }

    @discardableResult
    func send(_ message: any LedgerMessage, by signer: TestAccount) throws -> BlockResult {
        try block([ledger.sign([message], by: signer)])
    }

    /// Sends the message by which a host asks for its power.
    @discardableResult
    func askBack(_ host: Int) throws -> BlockResult {
        let (host, models) = (ledger.hosts[host], [ledger.model])
        return try send(MsgUpdateHost(host: host.address, url: "http://h", models: models), by: host.account)
    }

    func record(_ host: Int) throws -> ValidatorRecord? {
        try ledger.record(ValidatorRecord.self, at: StateKey.validator(ledger.hosts[host].address))
    }

    /// In the state, of each host.
    func powers() throws -> [UInt64] { try ledger.hosts.indices.map { try record($0)?.power ?? 0 } }

    /// As consensus knows them.
    func told() -> [UInt64] { ledger.hosts.indices.map { consensus.validators[key($0)] ?? 0 } }
}
