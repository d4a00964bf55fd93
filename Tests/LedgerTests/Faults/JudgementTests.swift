import Ledger
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import TestSupport
import Testing

@Suite("What audits of special cases lead to")
struct JudgementTests {
    @Test("A model that is observed pays for mismatches, notes them and holds them against nobody")
    func observed() throws {
        var model = SimulatedNetwork.model
        model.isObserved = true
        let network = try SimulatedNetwork(hostCount: 8, models: [model])
        network.behave(0, WrongModelExecutor())
        var noted = 0
        while network.ledger.height < 80 {
            try network.step()
            noted += network.ledger.lastResult?.events.count { $0.type == "mismatch_observed" } ?? 0
        }
        #expect(noted > 20)
        let (other, honest) = (try network.earnings(of: 0), try network.honest)
        #expect(other.received == honest.received && other.sprintTokens == honest.sprintTokens)
        #expect(other.gain == Int64(other.received) && other.convictions == 0)
        #expect(try network.score(of: network.host(0))?.mismatches == 0)
        try network.expectNoHarm(except: 0..<0)
    }

    @Test("An observed model's items still have to be opened")
    func observedSilence() throws {
        var model = SimulatedNetwork.model
        model.isObserved = true
        let network = try SimulatedNetwork(hostCount: 8, models: [model])
        network.behave(0, SilentHost())
        try network.run(epochs: 2)
        #expect(try network.earnings(of: 0).received == 0)
        try network.expectNoHarm(except: 0..<1)
    }

    /// Who is first on one sample's list and third on another's commits twice in a round, and operators need no coins.
    @Test(
        "Every duty message is free and accepted, also where silence and refusals call on the second and third auditor")
    func freeDuties() throws {
        let network = try SimulatedNetwork(hostCount: 8)
        network.behave(0, SilentHost())
        network.behave(1, LazyAuditor(.excusesItself))
        while network.ledger.height < 80 {
            try network.step()
            for result in network.ledger.dutyResults { #expect(result.isAccepted, "\(result.log)") }
        }
        for place in 2..<8 {
            let host = try network.earnings(of: place)
            #expect(host.duties == host.dutiesDone)
        }
        try network.expectNoHarm(except: 0..<0)
    }

    private final class Idler: HostBehaviour {
        func itemsPerBlock(of kind: RoundKind) -> UInt64 { 1 }
    }

    /// A weight of 1,000,000 makes 100 tokens of a sprint the least that is audited. One item a block comes to less.
    @Test("Synthetic work that is too little to be audited proves nothing")
    func dust() throws {
        let network = try SimulatedNetwork(hostCount: 8, weights: Array(repeating: 125_000, count: 8))
        network.behave(0, Idler())
        try network.run(epochs: 1)
        let sprint = try #require(try network.claims(of: network.host(0), .sprint).first { $0.state == .settled })
        #expect(sprint.entries[0].tokens > 0 && sprint.entries[0].tokens < 100)
        #expect(sprint.outcomes[0].tally.drawn == 0)
        #expect(try network.earnings(of: 0).sprintTokens == 0)
        #expect(try network.honest.sprintTokens > 100)
        try network.expectNoHarm(except: 0..<0)
    }

    @Test("A block settles as many claims as it may, and every claim is settled")
    func boundedSettlement() throws {
        let network = try SimulatedNetwork(hostCount: 12) { $0.rounds.settlementClaimsPerBlock = 5 }
        var busy = 0
        while network.ledger.height < 120 {
            try network.step()
            let settled = network.ledger.lastResult?.events.count { $0.type == "claim_settled" } ?? 0
            #expect(settled <= 5)
            if settled == 5 { busy += 1 }
        }
        #expect(busy > 10)
        let first = try (0..<12).map { try network.ledger.claim(of: network.host($0), in: 1) }
        #expect(first.allSatisfy { $0?.state == .settled && $0?.payments.map(\.received) == [Amount(3_920_000)] })
        try network.expectNoHarm(except: 0..<0)
    }
}
