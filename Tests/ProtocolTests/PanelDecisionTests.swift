import ProtocolRules
import Testing

@Suite struct PanelDecisionTests {
    private static let claimed = (0..<32).map { Int16(-40 * $0) }
    private static let fresh = (0..<32).map { Int16(-7 * $0 - 3) }

    /// A member that ran the model: what it says of the item is its own affair.
    private static func word(
        confirms: Bool, byMargin: Bool = true, fresh: [Int16] = fresh, fingerprint: [Int16]? = nil
    ) -> PanelWord {
        PanelWord(
            differs: false, marginMicroNats: confirms && byMargin ? 3_001 : 3_000,
            fingerprint: fingerprint ?? (confirms && !byMargin ? claimed.map { $0 - 20 } : claimed),
            freshFingerprint: fresh)
    }

    private static let differing = PanelWord(
        differs: true, marginMicroNats: 0, fingerprint: [], freshFingerprint: [])

    private static func decide(_ words: [PanelWord]) -> (decision: PanelDecision, counts: [Bool]) {
        PanelDecision.decide(claimed: claimed, words: words, thresholds: .smolLM2)
    }

    @Test(arguments: [
        (7, 11, PanelDecision.upheld), (6, 11, .split), (5, 11, .split), (4, 11, .rejected), (0, 11, .rejected),
        (11, 11, .upheld), (3, 5, .split), (1, 5, .rejected), (4, 5, .upheld), (2, 3, .upheld), (1, 3, .rejected),
        (6, 10, .split), (3, 10, .rejected), (7, 10, .upheld), (2, 4, .split), (2, 2, .abandoned), (1, 1, .abandoned),
        (0, 0, .abandoned),
    ])
    func moreThanThreeFifthsDecide(_ confirming: Int, _ members: Int, _ decision: PanelDecision) {
        for byMargin in [true, false] {
            let words = (0..<members).map { Self.word(confirms: $0 < confirming, byMargin: byMargin) }
            #expect(Self.decide(words).decision == decision)
            #expect(Self.decide(words.reversed()).decision == decision)
            #expect(Self.decide(words).counts == words.map { _ in true })
        }
    }

    @Test func whoDidNotRunTheModelIsDropped() {
        let guessed = Self.fresh.map { $0 - 14 }
        let words =
            (0..<4).map { _ in Self.word(confirms: true, fresh: guessed) }
            + (0..<7).map { Self.word(confirms: $0 == 0) }
        let (decision, counts) = Self.decide(words)
        #expect(decision == .rejected)
        #expect(counts == Array(repeating: false, count: 4) + Array(repeating: true, count: 7))
    }

    /// Σ|a − b| · 10 may be 128 · 32: 12 off at each place is too near to be told from an honest run.
    @Test(arguments: [(Int16(12), true), (13, false)])
    func theThresholdForTheMedianIsTheModels(_ distance: Int16, _ counts: Bool) {
        let distant = Self.fresh.map { $0 - distance }
        let words = (0..<5).map { Self.word(confirms: false, fresh: $0 == 0 ? distant : Self.fresh) }
        #expect(Self.decide(words).counts[0] == counts)
    }

    @Test func freshValuesOfAnotherLengthAreDropped() {
        let words =
            (0..<3).map { _ in Self.word(confirms: true) } + [Self.word(confirms: false, fresh: [])]
            + [Self.word(confirms: false, fresh: Array(Self.fresh.dropLast(2)))]
        #expect(Self.decide(words).counts == [true, true, true, false, false])
        #expect(Self.decide(words).decision == .upheld)
        #expect(Self.decide(Array(words.suffix(2))).decision == .abandoned)
    }

    @Test func aWordAboutBytesCountsWithoutATestOfTheModel() {
        let words = [Self.differing, Self.differing, Self.word(confirms: false)]
        #expect(Self.decide(words).decision == .upheld)
        #expect(Self.decide(Array(repeating: Self.differing, count: 2)).decision == .abandoned)
    }

    @Test func valuesAtOtherPlacesThanTheItemsConfirmNothing() {
        let words = (0..<3).map { _ in Self.word(confirms: true, fingerprint: [1, 2]) }
        #expect(Self.decide(words).decision == .rejected)
    }

    @Test func anItemWithoutOutputIsDecidedByMargins() {
        let words = (0..<3).map { _ in
            PanelWord(differs: false, marginMicroNats: 3_001, fingerprint: [], freshFingerprint: [])
        }
        #expect(PanelDecision.decide(claimed: [], words: words, thresholds: .smolLM2).decision == .upheld)
    }
}
