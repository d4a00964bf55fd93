import Cryptography
import Primitives
import ProtocolRules
import Testing

@Suite struct SprintWorkTests {
    private static let ordinary = TokenRanges(bounds: [17, 20, 100, 199]) ?? .none

    private static func work(
        seed: Hash32 = .sha256(utf8: "work"), host: UInt8 = 1, model: String = "a-model"
    ) -> SprintWork {
        SprintWork(workSeed: seed, host: DrawTests.address(host), model: model, promptTokens: 24, outputTokens: 32)
    }

    @Test func anItemsSeedNamesWorkHostModelAndIndex() {
        let bytes =
            Bytes("gonka/sprint/v1".utf8) + Hash32.sha256(utf8: "work").bytes + Bytes(repeating: 1, count: 20)
            + Hash32.sha256(utf8: "a-model").bytes + [0, 0, 0, 0, 0, 0, 0, 7]
        #expect(Self.work().itemSeed(7).hash == .sha256(bytes))
        let others = [
            Self.work().itemSeed(8), Self.work(host: 2).itemSeed(7), Self.work(model: "b-model").itemSeed(7),
            Self.work(seed: .zero).itemSeed(7),
        ]
        #expect(Set(others + [Self.work().itemSeed(7)]).count == 5)
    }

    @Test func promptsAreOrdinaryTokensByTheNoiseOfTheirSeed() {
        let work = Self.work()
        let prompt = work.prompt(3, ordinary: Self.ordinary)
        #expect(prompt.count == 24)
        let noise = TokenNoise(work.itemSeed(3))
        for (place, token) in prompt.enumerated() {
            let word = noise.block(position: UInt32(place), token: 0xffff_fffe).x
            #expect(token == Self.ordinary.token(at: UInt64(word) % 104))
        }
        #expect(prompt != work.prompt(4, ordinary: Self.ordinary))
        #expect(work.prompt(3, ordinary: .none).isEmpty)
    }

    @Test func theWorkSeedJoinsBeaconAndParentBlock() {
        let (seed, parent) = (Hash32.sha256(utf8: "a"), Hash32.sha256(utf8: "b"))
        #expect(SprintWork.workSeed(seed: seed, parentHash: parent) == .sha256(seed.bytes + parent.bytes))
    }
}

@Suite struct TokenRangesTests {
    @Test(
        arguments: [
            [], [5, 5], [0, 0, 2, 2], [17, 49_151], [0, UInt64(UInt32.max)],
        ] as [[UInt64]])
    func rangesThatAscendAreTaken(_ bounds: [UInt64]) {
        #expect(TokenRanges(bounds: bounds)?.bounds == bounds)
    }

    @Test(
        arguments: [
            [5], [6, 5], [0, 3, 3, 4], [0, 3, 2, 4], [5, 6, 0, 1], [0, 1 << 32], Array(0..<130),
        ] as [[UInt64]])
    func allOthersAreRefused(_ bounds: [UInt64]) {
        #expect(TokenRanges(bounds: bounds) == nil)
    }

    @Test func everyTokenHasItsPlace() throws {
        let ranges = try #require(TokenRanges(bounds: [3, 5, 9, 9, 20, 22]))
        #expect(ranges.count == 7)
        #expect((0..<8).map { ranges.token(at: $0) } == [3, 4, 5, 9, 20, 21, 22, nil])
        #expect(ranges.token(at: .max) == nil)
        #expect(TokenRanges.none.count == 0 && TokenRanges.none.token(at: 0) == nil)
    }
}

@Suite struct FreshPositionsTests {
    private static let sample = SampleReference(
        entry: ClaimEntryReference(round: 3, claimant: DrawTests.address(1), model: "a-model"), number: 2)

    /// A whole shuffle, step by step as the specification has it.
    private func shuffled(_ count: Int, key: Hash32) -> [Int] {
        var places = Array(0..<count)
        let chosen = min(16, count)
        for step in 0..<chosen {
            let word = Hash32.sha256(key.bytes + .bigEndian(UInt64(step))).firstWord
            places.swapAt(step, step + Int(word % UInt64(count - step)))
        }
        return places.prefix(chosen).sorted()
    }

    @Test func freshPositionsAreAShuffleByPanelSeedAndSample() {
        for count in [0, 1, 2, 15, 16, 17, 40, 1_000] {
            for panel in 0..<20 as Range<UInt64> {
                let seed = Hash32.sha256(.bigEndian(panel))
                let key = Hash32.sha256(Bytes("gonka/fresh/v1".utf8) + seed.bytes + Self.sample.bytes)
                let fresh = FingerprintPositions.fresh(outputCount: count, panelSeed: seed, sample: Self.sample)
                #expect(fresh == shuffled(count, key: key))
            }
        }
    }

    @Test func anotherSeedOrSampleAsksForOtherPositions() {
        let other = SampleReference(entry: Self.sample.entry, number: 3)
        let all = [
            FingerprintPositions.fresh(outputCount: 500, panelSeed: .zero, sample: Self.sample),
            FingerprintPositions.fresh(outputCount: 500, panelSeed: .zero, sample: other),
            FingerprintPositions.fresh(outputCount: 500, panelSeed: .sha256([]), sample: Self.sample),
        ]
        #expect(Set(all).count == 3)
    }
}
