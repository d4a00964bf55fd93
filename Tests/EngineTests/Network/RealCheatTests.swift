import Calibration
import Cryptography
import Ledger
import Messages
import Primitives
import ProtocolRules
import TestSupport
import Testing

/// Cheats with the model itself: every token, number and margin comes from an engine, and the ledger alone judges.
///
/// Calibration measures the same cheats one item at a time; here they are hosts of a network that claims, audits, appeals and settles.
@Suite("Model cheats on the real model and the real ledger", .enabled(if: RealModel.isThere), .serialized)
struct RealCheatTests {
    /// Found in every item.
    private static let certain: [Making] = [
        .open(.q8_0), .open(.q4_0), .open(.layersCut(1)), .draft(.q4_0), .draft(.layersCut(1)),
    ]
    /// Found in most items, and in none.
    private static let uncertain: [Making] = [.draft(.q8_0), .search(.q8_0)]
    private static let honestHosts = 8
    /// Items that honest hosts share out.
    private static let sharedItems: UInt64 = 4

    @Test(
        "Cheaper copies and plain drafts are paid nothing and convicted in their second sprint; near-lossless drafts lose where they show; a search costs more than it saves",
        .timeLimit(.minutes(10)))
    func cheats() async throws {
        let models = try CheatModels()
        do {
            let items = try RealItems(models)
            let network = try await run(items)
            try expect(network, items)
        } catch {
            await models.close()
            throw error
        }
        await models.close()
    }

    /// Two epochs, each with a sprint of two blocks, without requests and confirmations.
    private func run(_ items: RealItems) async throws -> SimulatedNetwork {
        let makings = Self.certain + Self.uncertain
        let network = try SimulatedNetwork(hostCount: makings.count + Self.honestHosts) {
            $0.rounds.confirmationsPerEpoch = 0
            $0.rounds.sprintWorkBlocks = 2
        }
        network.requestsPerRound = 0
        let cheats = makings.enumerated().map { place, making in
            RealHost(making, at: network.host(place))
        }
        for (place, cheat) in cheats.enumerated() { network.behave(place, cheat) }
        let shared = try await sharedItems(items)
        for place in makings.count..<makings.count + Self.honestHosts {
            network.behave(place, RealHost(sharing: shared, at: network.host(place)))
        }
        while network.ledger.height <= 2 * network.ledger.parameters.chain.epochBlocks {
            let rounds = try network.ledger.unsettledRounds().filter {
                $0.timetable.kind == .sprint && $0.timetable.window(.commit).lowerBound == network.ledger.height + 1
            }
            for round in rounds {
                for cheat in cheats { try await cheat.work(in: round, on: SimulatedNetwork.model, items) }
            }
            try network.step()
        }
        return network
    }

    private func sharedItems(_ items: RealItems) async throws -> [RealItems.Made] {
        let work = SprintWork(
            workSeed: .sha256(utf8: "shared"), host: TestHost("nobody").address, model: SimulatedNetwork.model.id,
            promptTokens: 24, outputTokens: 32)
        return try await items.make(
            .honest,
            RealItems.requests(work, count: Self.sharedItems, ordinary: SimulatedNetwork.model.ordinaryTokens))
    }

    private func expect(_ network: SimulatedNetwork, _ items: RealItems) throws {
        // Four items of 32 tokens in each of two sprints.
        let honestTokens: UInt64 = 2 * 4 * 32
        for place in Self.certain.count + Self.uncertain.count..<network.ledger.hosts.count {
            let (earnings, score) = (try network.earnings(of: place), try network.score(of: network.host(place)))
            #expect(earnings.sprintTokens == honestTokens && earnings.emission > 0, "honest host \(place)")
            #expect(score?.mismatches == 0 && score?.convictions == 0, "honest host \(place)")
        }
        for (place, making) in Self.certain.enumerated() { try expectConvicted(place, making, network) }
        try expectLosing(Self.certain.count, honestTokens, network)
        try expectCostly(Self.certain.count + 1, items, network)
        try network.ledger.app.audit()
    }

    /// Four mismatches of each round enter the score, and the seventh convicts.
    private func expectConvicted(_ place: Int, _ making: Making, _ network: SimulatedNetwork) throws {
        let claims = try network.claims(of: network.host(place), .sprint)
        #expect(claims.map(\.state) == [.settled, .void], "\(making)")
        for tally in claims.flatMap(\.outcomes).map(\.tally) {
            #expect(tally == AuditTally(drawn: 4, counted: 4, bad: 4), "\(making)")
        }
        let score = try #require(try network.score(of: network.host(place)))
        #expect(score.matches == 0 && score.mismatches == 7 && score.convictions == 1, "\(making)")
        let earnings = try network.earnings(of: place)
        #expect(earnings.sprintTokens == 0 && earnings.emission == 0, "\(making)")
        // A fifth of the bond of 100 GNK, and a fee for each dispute.
        #expect(earnings.gain < -20_000_000_000, "\(making)")
    }

    /// Two thirds to three quarters of such items show, and two bad ones of four leave nothing. That eight samples show none happens
    /// about once in a thousand runs.
    private func expectLosing(_ place: Int, _ honestTokens: UInt64, _ network: SimulatedNetwork) throws {
        let tallies = try network.claims(of: network.host(place), .sprint).flatMap(\.outcomes).map(\.tally)
        let (bad, counted) = (tallies.reduce(0) { $0 + $1.bad }, tallies.reduce(0) { $0 + $1.counted })
        #expect(counted == 8 && bad > 0, "\(bad) of \(counted) found")
        let earnings = try network.earnings(of: place)
        #expect(earnings.sprintTokens == tallies.reduce(0) { $0 + $1.reduced(honestTokens / 2) })
        #expect(earnings.sprintTokens < honestTokens)
    }

    /// What passes has no mismatch; but the model of record read more tokens than honest work has.
    private func expectCostly(_ place: Int, _ items: RealItems, _ network: SimulatedNetwork) throws {
        #expect(items.searches.count == 2)
        for search in items.searches {
            #expect(search.readTokens >= 2 * search.answerTokens && search.draftedTokens > search.answerTokens)
        }
        let tallies = try network.claims(of: network.host(place), .sprint).flatMap(\.outcomes).map(\.tally)
        for (search, tally) in zip(items.searches, tallies) where search.passedByRound.last == search.items {
            #expect(tally.bad == 0)
        }
    }
}
