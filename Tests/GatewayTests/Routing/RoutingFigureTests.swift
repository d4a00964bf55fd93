import Foundation
import Testing

@testable import Gateway

/// The router's figures, in virtual time: a thousand requests here, ten thousand with `make routing`.
@Suite struct RoutingFigureTests {
    private static let count = ProcessInfo.processInfo.environment["GONKA_ROUTING_REQUESTS"].flatMap(Int.init) ?? 1_000

    private static func seconds(_ microseconds: Int) -> String { String(format: "%.2f s", Double(microseconds) / 1e6) }

    private static func percent(_ part: Int, of whole: Int) -> String {
        String(format: "%.2f %%", 100 * Double(part) / Double(max(1, whole)))
    }

    @Test("Five hosts, of which one fails, one stalls and one is slow by turns")
    func troubledHosts() {
        var simulation = RoutingSimulation(requests: Self.count, perSecond: max(1, Self.count / 1_000))
        simulation.run()
        let figures = simulation.figures
        let times = figures.firstTokens.sorted()
        let (p50, p99) = (times[times.count / 2], times[times.count * 99 / 100])
        print(
            """
            routing: \(Self.count) requests in 1,000 s over \(TroubledHosts.count) hosts; one fails, one stalls, one is slow by turns
              succeeded      \(Self.percent(figures.succeeded, of: Self.count)) (\(figures.refused) refused, \
            \(figures.brokeOff) streams without a seed broke off)
              first token    p50 \(Self.seconds(p50)), p99 \(Self.seconds(p99)), max \(Self.seconds(times.last ?? 0))
              attempts       \(figures.attempts), of them hedges \(figures.hedges) \
            (\(Self.percent(figures.hedges, of: Self.count)); \(figures.hedgesWon) won), continued \(figures.continued)
              charged twice  \(figures.chargedTwice)
              owed besides   at most \(Self.percent(figures.owedBesides, of: figures.paid)) of the fees; \
            hedges \(Self.percent(figures.owedForHedges, of: figures.paid))
            """)
        #expect(figures.succeeded + figures.refused + figures.brokeOff == Self.count)
        // A turn begins as often in a tenth, so the few streams that break off then are a larger part.
        #expect(figures.refused * 1_000 <= Self.count)
        #expect(figures.succeeded * 1_000 >= Self.count * (Self.count < 10_000 ? 995 : 999))
        #expect(figures.chargedTwice == 0)
        #expect(figures.hedges * 20 <= Self.count)
        #expect(p99 <= 8_000_000)
        #expect(simulation.leftOpen == 0)
        #expect(simulation.booked == figures.paid + figures.owedBesides)
    }

    @Test func theSameSeedGivesTheSameFigures() {
        let figures = (0..<2).map { _ in
            var simulation = RoutingSimulation(requests: 300, seed: 9)
            simulation.run()
            return simulation.figures
        }
        #expect(figures[0] == figures[1])
    }

    @Test("Shared beginnings over three hosts: affinity against taking turns")
    func sharedPrefixes() {
        let full = PrefixSimulation.Load.clients(24)
        let (affinity, turns) = (show(.affinity, full, "24 clients"), show(.turns, full, "24 clients"))
        #expect(affinity.hits > turns.hits)
        #expect(affinity.perSecond >= 2 * turns.perSecond)
        let some = PrefixSimulation.Load.perSecond(6)
        let (calm, queued) = (show(.affinity, some, "6 a second"), show(.turns, some, "6 a second"))
        #expect(calm.meanFirstToken * 5 <= queued.meanFirstToken)
    }

    private func show(
        _ router: PrefixSimulation.Router, _ load: PrefixSimulation.Load, _ name: String
    ) -> PrefixSimulation.Figures {
        let figures = PrefixSimulation.run(router, load, requests: Self.count)
        print(
            """
            routing: \(Self.count) requests with \(PrefixSimulation.beginnings) beginnings over 3 hosts, \(name), \
            \(router == .affinity ? "by beginnings" : "by turns")
              first token    mean \(Self.seconds(figures.meanFirstToken)), p99 \(Self.seconds(figures.p99FirstToken))
              throughput     \(String(format: "%.1f", figures.perSecond)) a second
              from the cache \(Self.percent(figures.hits, of: Self.count)) of the beginnings
            """)
        return figures
    }
}
