import Cryptography
import Ledger
import Messages
import Primitives
import StateStore
import Statements
import TestSupport
import Testing
import WireFormat

extension TestLedger {
    /// What a statement of a closed epoch is computed from.
    func facts(of epoch: UInt64) throws -> EpochFacts {
        func records<Record: CanonicalMessage>(_ type: Record.Type, _ prefix: Bytes) throws -> [Record] {
            try app.state.tree.scan(prefix: prefix).map { try Record.decode($0.value) }
        }
        let record = try #require(try self.record(EpochRecord.self, at: StateKey.epoch(epoch)))
        let hosts = try records(HostEpochRecord.self, StateKey.hostEpochs(epoch))
        let before = epoch > 1 ? try records(HostEpochRecord.self, StateKey.hostEpochs(epoch - 1)) : []
        let named = EpochFacts.named(by: hosts + before)
        var rounds: [UInt64: RoundRecord] = [:]
        var models: [EpochFacts.RoundModel: RoundModelRecord] = [:]
        for key in named {
            rounds[key.round] = try roundRecord(key.round)
            models[key] = try self.record(
                RoundModelRecord.self, at: StateKey.roundModel(key.round, model: key.model))
        }
        func claims(in round: UInt64) throws -> [Address: ClaimRecord] {
            let claims = try records(ClaimRecord.self, StateKey.claims(round: round))
            return Dictionary(claims.map { ($0.host, $0) }) { first, _ in first }
        }
        var servingClaims: [UInt64: [Address: ClaimRecord]] = [:]
        for round in EpochFacts.servingRounds(of: hosts) { servingClaims[round] = try claims(in: round) }
        return EpochFacts(
            parameters: parameters, record: record, hosts: hosts, before: before, rounds: rounds,
            models: models, sprintClaims: try claims(in: record.sprint), servingClaims: servingClaims)
    }
}
