import Ledger
import Messages
import Primitives
import ProtocolRules
import Statements
import TestSupport
import Testing

/// Sprints of three blocks, five items of 32 tokens in each for whoever is idle; serving rounds of eight blocks beside them.
@Suite("Hosts that serve users through the sprint")
struct BusySprintTests {
    /// Makes fewer items of synthetic work, because users come first.
    private final class BusyHost: HostBehaviour {
        private let items: UInt64
        private let requests: UInt64

        init(items: UInt64, requests: UInt64) {
            self.items = items
            self.requests = requests
        }

        func itemsPerBlock(of kind: RoundKind) -> UInt64 { items }
        func requests(of payer: Address) -> UInt64? { requests }
    }

    /// Eight hosts with a few requests, two of them with none; all are idle in the first epoch.
    private func network() throws -> SimulatedNetwork {
        let network = try SimulatedNetwork(hostCount: 8)
        for host in 0..<2 { network.behave(host, BusyHost(items: 5, requests: 0)) }
        try network.run(epochs: 1)
        return network
    }

    private func weights(_ epoch: UInt64, _ network: SimulatedNetwork) throws -> [UInt64] {
        try (0..<8).map { host in
            try network.epochs(of: network.host(host)).first { $0.epoch == epoch }?.payout?.weight ?? 0
        }
    }

    private func expectStatements(_ epochs: ClosedRange<UInt64>, _ network: SimulatedNetwork) throws {
        for epoch in epochs {
            let facts = try network.ledger.facts(of: epoch)
            for host in facts.hosts {
                let lines = EpochStatement(of: host, facts).lines
                #expect(lines.allSatisfy { $0.verdict == .agrees }, "\(epoch): \(lines)")
                #expect(lines.contains { $0.name == "served of test-model" })
            }
        }
    }

    @Test("A host that spends a fifth of its sprint on users keeps the weight of an idle twin, epoch after epoch")
    func keepsItsWeight() throws {
        let network = try network()
        // 16 · 16 tokens in eight blocks are 96 in three: what one item of five would have been.
        network.behave(0, BusyHost(items: 4, requests: 16))
        try network.run(epochs: 3)
        for epoch in 2...4 as ClosedRange<UInt64> {
            let weights = try weights(epoch, network)
            #expect(weights[0] == 480 && weights[1] == 480, "\(epoch)")
            // The others' few requests are what is usual: 24 tokens.
            #expect(weights[2...].allSatisfy { $0 == 504 }, "\(epoch)")
        }
        let payouts = try (0..<2).map { try network.epochs(of: network.host($0))[2].payout }
        #expect(payouts[0]?.share == payouts[1]?.share && payouts[0]?.confirmedPartsPerMillion == 1_000_000)
        try expectStatements(2...4, network)
        try network.ledger.app.audit()
    }

    @Test("Whoever serves a lot and proves little has a quarter more than it proved, and no more")
    func isCapped() throws {
        let network = try network()
        network.behave(0, BusyHost(items: 2, requests: 200))
        try network.run(epochs: 1)
        #expect(try weights(2, network)[0] == 192 + 48)
        try expectStatements(2...2, network)
    }

    @Test("Whoever proves as much as before and serves itself besides weighs no more than others")
    func addsNothing() throws {
        let network = try network()
        network.behave(0, BusyHost(items: 5, requests: 200))
        try network.run(epochs: 2)
        for epoch in 2...3 as ClosedRange<UInt64> {
            #expect(try weights(epoch, network) == [504, 480, 504, 504, 504, 504, 504, 504], "\(epoch)")
        }
        try expectStatements(2...3, network)
    }

    /// One item costs everything, and one that is free says that it holds very many tokens.
    private final class PaddingHost: HostBehaviour {
        private let duties: SimulatedDuties
        private let host: Address

        init(_ host: Address, _ duties: SimulatedDuties) {
            self.host = host
            self.duties = duties
        }

        func itemsPerBlock(of kind: RoundKind) -> UInt64 { 4 }

        func claim(_ entries: [ClaimEntry], of round: RoundRecord) -> [ClaimEntry] {
            guard round.timetable.kind == .serving else { return entries }
            return entries.map { entry in
                guard let part = entry.sessions.first else { return entry }
                let items = (0..<part.count).map { index in
                    SimulatedItem.serving(
                        session: part.session, number: part.firstNumber + index, fee: index == 0 ? part.fee : .zero,
                        host: host, model: entry.model, tokens: index + 1 == part.count ? 1_000_000_000 : 16)
                }
                guard let padded = try? SimulatedEntry(items) else { return entry }
                duties.remember(padded)
                return padded.entry(model: entry.model, sessions: entry.sessions)
            }
        }
    }

    @Test("A leaf that costs nothing and holds a billion tokens bears out nothing")
    func refusesPadding() throws {
        let network = try network()
        network.behave(0, PaddingHost(network.host(0), network.duties))
        try network.run(epochs: 1)
        let record = try #require(try network.epochs(of: network.host(0)).first { $0.epoch == 2 })
        let served = try #require(record.served.first)
        // One item of 16 tokens costs all of the fee; the round's other tokens are free, and seen by nobody.
        #expect(served.claimed > 1_000_000_000 && served.counted == 16)
        #expect(record.payout?.weight == 384 + 6)
        try expectStatements(2...2, network)
    }
}
