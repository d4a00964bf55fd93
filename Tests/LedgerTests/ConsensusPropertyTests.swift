import Messages
import OrderingAPI
import Primitives
import StateStore
import TestSupport
import Testing

@testable import Ledger

/// Validators that come and go and sign twice at random, among all that is sent at random.
@Suite("Consensus and state know the same powers")
struct ConsensusPropertyTests {
    /// What consensus tells: each validator's node is up or down for a while.
    private struct Weather {
        var numbers: SplitMix64
        private var down: Set<Bytes> = []

        init(seed: UInt64) { numbers = SplitMix64(seed: seed) }

        mutating func news(of consensus: SimulatedConsensus, at height: UInt64) -> ConsensusNews {
            let keys = consensus.validators.keys.sorted { $0.lexicographicallyPrecedes($1) }
            for key in keys {
                if down.contains(key) ? numbers.happens(1) : numbers.happens(3) { down.formSymmetricDifference([key]) }
            }
            var misbehavior: [Misbehavior] = []
            if numbers.happens(2), let key = keys.randomElement(using: &numbers) {
                misbehavior.append(
                    Misbehavior(
                        kind: .duplicateVote, validator: SimulatedConsensus.address(key),
                        height: height - min(height, 1 + numbers.next() % 30)))
            }
            let down = down
            return consensus.news(misbehavior: misbehavior) { !down.contains($0) }
        }
    }

    /// Whoever has power in the state, consensus knows with as much; where nobody has, those whom it knew.
    private func compare(
        _ consensus: SimulatedConsensus, _ ledger: TestLedger, before: [Bytes: UInt64]
    ) throws {
        let powers = try ledger.powersByKey()
        #expect(consensus.validators == (powers.isEmpty ? before : powers), "at height \(ledger.height)")
    }

    @Test("Whatever accounts send", arguments: 1...4 as ClosedRange<UInt64>)
    func holdsForAccounts(seed: UInt64) throws {
        var simulation = try Simulation(seed: seed)
        var weather = Weather(seed: seed)
        var consensus = try SimulatedConsensus(simulation.ledger.validators)
        for _ in 0..<250 {
            let before = consensus.validators
            try simulation.step(consensus: weather.news(of: consensus, at: simulation.ledger.height))
            try consensus.take(simulation.ledger.lastResult?.validatorUpdates ?? [])
            try compare(consensus, simulation.ledger, before: before)
        }
        #expect(try simulation.ledger.replayedAppHash() == simulation.ledger.appHash)
    }

    @Test("While hosts work and weights move powers", arguments: 1...3 as ClosedRange<UInt64>)
    func holdsForHosts(seed: UInt64) throws {
        let network = try SimulatedNetwork(hostCount: 7, weights: [400, 100, 100, 50, 10, 0, 0])
        var weather = Weather(seed: seed)
        var consensus = try SimulatedConsensus(network.ledger.validators)
        var seen: Set<String> = []
        for _ in 0..<330 {
            let before = consensus.validators
            var messages: [(message: any LedgerMessage, signer: TestAccount)] = []
            let host = network.ledger.hosts[Int(weather.numbers.next() % 7)]
            if weather.numbers.happens(30) {
                messages.append(
                    (MsgUpdateHost(host: host.address, url: "http://h", models: [network.ledger.model]), host.account))
            }
            try network.step(
                sending: messages, consensus: weather.news(of: consensus, at: network.ledger.height))
            let result = try #require(network.ledger.lastResult)
            try consensus.take(result.validatorUpdates)
            try compare(consensus, network.ledger, before: before)
            for event in result.events + result.transactionResults.flatMap(\.events) { seen.insert(event.type) }
        }
        try network.ledger.app.audit()
        #expect(try network.ledger.replayedAppHash() == network.ledger.appHash)
        for type in ["host_absent", "host_returned", "host_misbehaved", "host_convicted"] {
            #expect(seen.contains(type), "no \(type)")
        }
    }
}
