import Cryptography
import Primitives
import ProtocolRules
import Testing

@Suite struct EntryAuditTests {
    private static let seed = Hash32.sha256(utf8: "seed")
    private static let hosts = (1...20 as ClosedRange<UInt8>).map(DrawTests.address)
    private static let auditors = DrawEntries(hosts.map { DrawEntry(address: $0, weight: 100) })

    private static func audit(
        fee: UInt64 = 0, tokens: UInt64 = 640, total: ItemSums? = nil, count: UInt64 = 20, dust: UInt64 = 0
    ) -> EntryAudit {
        let sums = ItemSums(fee: Amount(fee), tokens: tokens)
        return EntryAudit(
            ClaimEntryReference(round: 3, claimant: hosts[4], model: "a-model"), sums: sums, total: total ?? sums,
            count: count, dustTokens: dust,
            terms: RoundTerms(samples: 8, samplesPerPercent: 0, promptTokens: 24, outputTokens: 32), seed: seed)
    }

    @Test func feesAreTheMeasureWhereThereAreAny() {
        let paid = Self.audit(fee: 77)
        #expect(paid.measure == .fee && paid.units == 77)
        let free = Self.audit()
        #expect(free.measure == .tokens && free.units == 640)
    }

    @Test(arguments: [(UInt64(640), UInt64(8)), (641, 0), (0, 8)])
    func dustHasNoSamples(_ dust: UInt64, _ samples: UInt64) {
        #expect(Self.audit(dust: dust).sampleCount == samples)
    }

    @Test func neverMoreSamplesThanItemsAndNoneOfNothing() {
        #expect(Self.audit(count: 3).sampleCount == 3)
        #expect(Self.audit(tokens: 0).sampleCount == 0)
        #expect(Self.audit(tokens: 0).point(0) == 0)
    }

    @Test func pointsLieInTheEntryAndDifferBySeed() {
        let points = (0..<8).map { Self.audit(fee: 1_000_003).point($0) }
        #expect(points.allSatisfy { $0 < 1_000_003 } && Set(points).count == 8)
        let draw = Draw.sample(of: Self.audit().entry)
        #expect(points[2] == draw.point(2, seed: Self.seed, below: 1_000_003))
    }

    @Test func auditorsAreThreeOthersAndPanelsElevenOthers() {
        let audit = Self.audit()
        let payer = Self.hosts[7]
        for number in 0..<audit.sampleCount {
            let listed = audit.auditors(of: number, from: Self.auditors, without: [payer])
            #expect(Set(listed).count == 3 && !listed.contains(Self.hosts[4]) && !listed.contains(payer))
            let panel = audit.panel(of: number, from: Self.auditors, without: [payer, listed[0]], seed: .zero)
            #expect(Set(panel).count == 11 && Set(panel).isDisjoint(with: [Self.hosts[4], payer, listed[0]]))
            // Another seed, another panel.
            #expect(
                panel != audit.panel(of: number, from: Self.auditors, without: [payer, listed[0]], seed: Self.seed))
        }
        #expect(audit.auditors(of: 0, from: Self.auditors) != audit.auditors(of: 1, from: Self.auditors))
    }

    @Test func fewHostsAreAllOfThem() {
        let few = DrawEntries(Self.hosts[3...5].map { DrawEntry(address: $0, weight: 1) })
        #expect(Set(Self.audit().auditors(of: 0, from: few)) == [Self.hosts[3], Self.hosts[5]])
        let alone = DrawEntries([DrawEntry(address: Self.hosts[4], weight: 1)])
        #expect(Self.audit().auditors(of: 0, from: alone).isEmpty)
        #expect(Self.audit().panel(of: 0, from: DrawEntries([]), without: [], seed: .zero).isEmpty)
    }

    /// Draws with some left out are draws over the others laid out anew, but that nobody without weight comes in.
    @Test func leavingOutIsLayingOutAnew() {
        var random = SplitMix64(seed: 6)
        for session in 1...300 as ClosedRange<UInt64> {
            let count = Int.random(in: 1...12, using: &random)
            let entries = Self.hosts.prefix(count).map { DrawEntry(address: $0, weight: 1 + random.next() % 9) }
            let excluded = Self.hosts.filter { _ in random.next() % 3 == 0 }
            let rest = DrawEntries(entries.filter { !excluded.contains($0.address) })
            let draw = Draw.group(session: session)
            #expect(
                draw.pick(5, from: DrawEntries(entries), without: excluded, seed: Self.seed)
                    == draw.pick(5, from: rest, seed: Self.seed))
        }
    }

    @Test func whoHasNoWeightIsNotDrawnForThoseLeftOut() {
        let entries = DrawEntries([
            DrawEntry(address: Self.hosts[0], weight: 5), DrawEntry(address: Self.hosts[1], weight: 0),
        ])
        #expect(Draw.group(session: 1).pick(2, from: entries, without: [Self.hosts[0]], seed: Self.seed).isEmpty)
    }
}
