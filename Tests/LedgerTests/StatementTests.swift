import Ledger
import Messages
import Primitives
import Statements
import TestSupport
import Testing

/// A statement is computed from records alone, by another path than the ledger's.
@Suite("Statements of epochs")
struct StatementTests {
    @Test("For every host and epoch, honest, absent or cheating, the statement is what was paid, to the last ngonka")
    func agrees() throws {
        let network = try SimulatedNetwork(hostCount: 10)
        network.behave(0, WrongModelExecutor())
        network.behave(1, LazyAuditor(.guesses))
        network.behave(2, SprintOnlyHost())
        try network.run(epochs: 7)
        var paid: [UInt64] = []
        for epoch in 1...6 as ClosedRange<UInt64> {
            let facts = try network.ledger.facts(of: epoch)
            #expect(facts.hosts.count == 10)
            for host in facts.hosts {
                let statement = EpochStatement(of: host, facts)
                #expect(statement.agrees, "\(epoch) \(host.host): \(statement.lines.filter { $0.verdict == .differs })")
                paid.append(host.payout?.paid.ngonka ?? 0)
            }
        }
        // Some got all of their share, some a part, some nothing.
        #expect(Set(paid).count > 6 && paid.contains(0))
    }

    @Test("A payment that does not follow from the records is found, whichever figure is wrong")
    func differs() throws {
        let network = try SimulatedNetwork(hostCount: 5)
        try network.run(epochs: 3)
        let facts = try network.ledger.facts(of: 2)
        let sound = try #require(facts.hosts.first)
        #expect(EpochStatement(of: sound, facts).agrees)
        let figures: [WritableKeyPath<HostPayout, Amount>] = [
            \.share, \.unconfirmed, \.undutiful, \.missed, \.withheld, \.convicted, \.paid,
        ]
        for figure in figures {
            var host = sound
            host.payout?[keyPath: figure] = Amount((sound.payout?[keyPath: figure].ngonka ?? 0) + 1)
            #expect(!EpochStatement(of: host, facts).agrees, "\(figure)")
        }
        var heavier = sound
        heavier.payout?.weight += 1
        #expect(!EpochStatement(of: heavier, facts).agrees)
        var idle = sound
        idle.dutiesDone = 0
        #expect(!EpochStatement(of: idle, facts).agrees)
    }
}
