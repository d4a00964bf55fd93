import Cryptography
import LedgerClient
import Messages
import OpenAIWire
import Primitives
import ProtocolRules
import StubEngine
import TestSupport
import Testing
import WireFormat

@testable import HostRoles

@Suite("Audits among hosts on the real ledger")
struct AuditLoopTests {
    /// What a host's epochs noted of its duties.
    static func duties(_ crowd: HostCrowd, _ host: Int) async throws -> (owed: UInt64, done: UInt64) {
        let address = crowd.hosts[host].identity.address
        return try await crowd.ledger.run { ledger in
            let record = try ledger.record(HostEpochRecord.self, at: StateKey.hostEpoch(1, host: address))
            return (record?.duties ?? 0, record?.dutiesDone ?? 0)
        }
    }

    @Test("Served items are fetched, scored, opened on both sides and paid; every duty is done")
    func honest() async throws {
        let crowd = try await HostCrowd()
        let round = try await crowd.hosts[0].view.current().round.id
        for sequence in 1...6 { try await crowd.hosts[0].ask(sequence: UInt64(sequence)) }
        try await crowd.hosts[1].ask(session: 2)
        try await crowd.settle(round)
        let claim = try #require(try await crowd.claim(in: round))
        #expect(claim.state == .settled)
        let outcome = try #require(claim.outcomes.first)
        #expect(outcome.state == .decided)
        #expect((outcome.tally.drawn, outcome.tally.counted, outcome.tally.bad) == (4, 4, 0))
        #expect(claim.payments.allSatisfy { $0.received > .zero })
        #expect(try await crowd.claim(of: 1, in: round)?.outcomes.first?.tally.counted == 1)
        var (owed, done) = (UInt64(0), UInt64(0))
        for host in 0..<3 {
            let duties = try await Self.duties(crowd, host)
            (owed, done) = (owed + duties.owed, done + duties.done)
        }
        #expect((owed, done) == (5, 5))
    }
}
