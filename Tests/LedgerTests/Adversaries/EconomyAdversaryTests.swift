import Ledger
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import TestSupport
import Testing

@Suite("Adversaries and what epochs pay them")
struct EconomyAdversaryTests {
    /// Reports three misses of host 0 in every serving round, as soon as they may be reported.
    private func run(
        _ network: SimulatedNetwork, epochs: UInt64, misses reason: MissReason
    ) throws -> (taken: Int, refused: Int) {
        let ledger = network.ledger
        var waiting: [(due: UInt64, message: MsgReportMiss)] = []
        var (sequence, taken, refused) = (UInt64(0), 0, 0)
        let last = ledger.height + epochs * ledger.parameters.chain.epochBlocks
        while ledger.height < last {
            if let round = try ledger.round(ledger.servingRound()), round.timetable.openingHeight == ledger.height {
                for _ in 0..<3 {
                    sequence += 1
                    let message = try ledger.miss(
                        executor: ledger.hosts[0], sequence: sequence, reason: reason, by: network.payer)
                    let due = reason == .load ? round.timetable.window(.draw).lowerBound : ledger.height + 1
                    waiting.append((due, message))
                }
            }
            let now = waiting.filter { $0.due <= ledger.height + 1 }
            waiting.removeAll { $0.due <= ledger.height + 1 }
            try network.step(sending: now.map { ($0.message, network.payer) })
            let results = network.claimResults.prefix(now.count)
            taken += results.count { $0.isAccepted }
            refused += results.count { !$0.isAccepted }
        }
        return (taken, refused)
    }

    @Test("Whoever refuses at will loses its emission by the share of what it refused")
    func refusing() throws {
        let network = try SimulatedNetwork(hostCount: 8, picksGroups: false)
        network.behave(0, RefusingHost())
        let reports = try run(network, epochs: 3, misses: .load)
        #expect(reports.taken > 20 && reports.refused == 0)
        let (cheat, honest) = (try network.earnings(of: 0), try network.honest)
        #expect(cheat.received == 0)
        // All of what it was asked for, less the 5 % that are free.
        #expect(cheat.emission * 10 < honest.emission && honest.emission > 0)
        try network.expectNoHarm(except: 0..<1)
    }

    @Test("Who refuses although others know it busy loses nothing")
    func busy() throws {
        // Four requests of 16 tokens in eight blocks are half of what 50 tokens of a sprint of three stand for.
        let network = try SimulatedNetwork(hostCount: 8, picksGroups: false)
        network.requestsPerRound = 50
        let reports = try run(network, epochs: 3, misses: .load)
        #expect(reports.taken == 0 || reports.refused > reports.taken)
        try network.expectNoHarm(except: 0..<0)
    }

    @Test("Whoever takes the money and sends nothing gets one fee a round, and loses its emission")
    func notDelivering() throws {
        let network = try SimulatedNetwork(hostCount: 8, picksGroups: false)
        network.behave(0, NonDeliveringExecutor())
        let reports = try run(network, epochs: 3, misses: .silence)
        #expect(reports.taken > 20 && reports.refused == 0)
        let (cheat, honest) = (try network.earnings(of: 0), try network.honest)
        #expect(cheat.received * 4 == honest.received)
        // Three of four were missed: 70 % over what is free.
        #expect(cheat.emission * 2 < honest.emission)
        try network.expectNoHarm(except: 0..<1)
    }

    @Test("A model that nobody else serves proves nothing for identities without proven work")
    func emptyModel() throws {
        let models = ["model-a", "model-b"].map { id -> ModelRecord in
            var model = SimulatedNetwork.model
            (model.id, model.isAnchored) = (id, id == "model-a")
            return model
        }
        let listings = Array(repeating: ["model-b"], count: 3) + Array(repeating: ["model-a"], count: 5)
        let network = try SimulatedNetwork(hostCount: 8, models: models, listings: listings, weights: [0, 0, 0])
        let ring = Set((0..<3).map(network.host))
        for place in 0..<3 { network.behave(place, EmptyModelCapture(ring)) }
        try network.run(epochs: 3)
        for place in 0..<3 {
            let cheat = try network.earnings(of: place)
            // The ring vouches for its tokens, and they weigh nothing.
            #expect(cheat.sprintTokens > 0 && cheat.emission == 0)
            #expect(try network.ledger.record(ValidatorRecord.self, at: StateKey.validator(network.host(place))) == nil)
        }
        let closed = try #require(try network.ledger.record(EpochRecord.self, at: StateKey.epoch(2)))
        #expect(closed.hosts == 5 && closed.pooled.ngonka < 10)
        #expect(try network.honest.emission > 0)
        try network.expectNoHarm(except: 0..<3)
    }

    @Test("A giant that comes overnight earns at once, gets power in steps, and never a third of it")
    func giant() throws {
        let network = try SimulatedNetwork(hostCount: 6)
        network.requestsPerRound = 0
        network.behave(0, FlashGiant())
        var powers: [[UInt64]] = []
        for _ in 0..<4 {
            try network.run(epochs: 1)
            powers.append(
                try (0..<6).map {
                    try network.ledger.record(ValidatorRecord.self, at: StateKey.validator(network.host($0)))?.power
                        ?? 0
                })
        }
        #expect(powers.allSatisfy { $0[0] * 3 < 1_000_000_000 })
        for (before, after) in zip(powers, powers.dropFirst()) {
            let risen = zip(before, after).reduce(0) { $0 + ($1.1 > $1.0 ? $1.1 - $1.0 : 0) }
            #expect(risen <= 250_000_000)
        }
        let (giant, honest) = (try network.earnings(of: 0), try network.honest)
        #expect(giant.emission > 50 * honest.emission)
        try network.expectNoHarm(except: 0..<1)
    }
}
