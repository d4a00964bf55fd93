import Cryptography
import EngineAPI
import Primitives
import ProtocolRules
import Testing

/// The C kernel against the plain reference: the same candidates and the same choice, bit for bit.
struct SamplingKernelTests {
    /// Rows that random logits never give, with lengths around the kernel's chunks of 128.
    static let adversarialRows: [(name: String, row: [Float])] = [
        ("all equal", Array(repeating: 1.5, count: 1000)),
        ("both zeros", (0..<700).map { $0.isMultiple(of: 2) ? 0 : -0.0 }),
        ("one finite", Array(repeating: -.infinity, count: 300) + [3]),
        ("every third NaN", (0..<1000).map { $0.isMultiple(of: 3) ? .nan : Float($0 % 17) }),
        ("NaN first", [.nan, 1, 2]),
        ("plus infinity twice", (0..<400).map { $0 == 7 || $0 == 301 ? .infinity : Float($0) / 100 }),
        ("largest and smallest", [.greatestFiniteMagnitude, -.greatestFiniteMagnitude, 0, 1]),
        ("far apart", (0..<2000).map { Float($0) * -1e4 }),
        ("ties at the cut", Array(repeating: 2, count: 250) + Array(repeating: 1, count: 250)),
        ("denormal", (0..<500).map { Float($0) * .leastNonzeroMagnitude }),
        ("one", [0.25]),
        ("chunk less one", (0..<127).map { Float(($0 * 37) % 101) }),
        ("chunk", (0..<128).map { Float(($0 * 37) % 101) }),
        ("descending blocks", (0..<49152).map { Float(-($0 / 64)) / 64 }),
    ]

    static let samplings: [SamplingParameters] = [.plain, .greedy] + mixedSamplings
    private static let mixedSamplings: [SamplingParameters] = [
        (1, 1_000_000, 0, 0), (700_000, 900_000, 0, 0), (2_000_000, 1_000_000, 50_000, 0), (1_000_000, 1_000_000, 0, 1),
        (1_000_000, 500_000, 100_000, 40), (300_000, 0, 1_000_000, 300), (1_000_000, 999_999, 1, 255),
    ].compactMap { try? SamplingParameters(temperature: $0.0, topP: $0.1, minP: $0.2, topK: $0.3) }

    @Test(arguments: adversarialRows.map(\.name))
    func adversarial(name: String) throws {
        let row = try #require(Self.adversarialRows.first { $0.name == name }?.row)
        try compare(row, position: 3, "\(name)")
    }

    @Test(arguments: 0..<12 as Range<UInt64>)
    func random(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let count = seed == 0 ? 49152 : Int.random(in: 1...3000, using: &random)
        try compare((0..<count).map { _ in random.bell() * 3 }, position: UInt32(seed), "seed \(seed)")
    }

    @Test func allSamplingsAreValid() { #expect(Self.samplings.count == 9) }

    @Test func rowWithoutUsableLogitHasNoChoice() throws {
        let kernel = try #require(SamplingKernel(vocabularySize: 300))
        let noise = TokenNoise(ItemSeed(.zero))
        for logit in [-Float.infinity, .nan] {
            let row = Array(repeating: logit, count: 300)
            row.withUnsafeBufferPointer {
                #expect(kernel.choose($0, sampling: .plain, noise: noise, position: 0) == nil)
                #expect(kernel.highest($0).isEmpty)
                #expect(kernel.logSumExp($0) == -.infinity)
            }
            #expect(ReferenceSampler.highest(row).isEmpty)
        }
    }

    /// 20 000 draws at temperature 1 over four tokens: each share within four standard deviations of its probability.
    @Test func drawsFollowTheModelsDistribution() throws {
        let kernel = try #require(SamplingKernel(vocabularySize: 4))
        let probabilities = [0.5, 0.3, 0.15, 0.05]
        let row: [Float] = [-0.693147, -1.203973, -1.89712, -2.995732]
        let noise = TokenNoise(ItemSeed(.sha256([9])))
        let draws = 20_000
        var counts = [0, 0, 0, 0]
        row.withUnsafeBufferPointer { row in
            for position in 0..<UInt32(draws) {
                let token = kernel.choose(row, sampling: .plain, noise: noise, position: position)
                counts[Int(token ?? 0)] += 1
            }
        }
        for (count, probability) in zip(counts, probabilities) {
            let deviation = (Double(draws) * probability * (1 - probability)).squareRoot()
            #expect(abs(Double(count) - Double(draws) * probability) < 4 * deviation)
        }
    }

    private func compare(_ row: [Float], position: UInt32, _ context: Comment) throws {
        let kernel = try #require(SamplingKernel(vocabularySize: row.count))
        let noise = TokenNoise(ItemSeed(.sha256([1, 2, 3])))
        let expected = ReferenceSampler.highest(row)
        let total = ReferenceSampler.logSumExp(row)
        row.withUnsafeBufferPointer { buffer in
            #expect(kernel.highest(buffer) == expected, context)
            #expect(abs(kernel.logSumExp(buffer) - total) <= 2e-6 * max(1, abs(total)), context)
            // Whatever another row left behind.
            _ = row.reversed().withUnsafeBufferPointer { kernel.highest($0) }
            let top = kernel.mostProbable(20, in: buffer)
            #expect(top.map(\.token) == expected.prefix(20).map(\.token), context)
            #expect(
                zip(top, expected).allSatisfy {
                    abs($0.logProbability - (Double($1.logit) - total)) <= 2e-6 * max(1, abs(total))
                }, context)
            for sampling in Self.samplings {
                let own = kernel.choose(buffer, sampling: sampling, noise: noise, position: position)
                let plain = ReferenceSampler.choose(
                    among: expected, sampling: sampling, noise: noise, position: position)
                #expect(own == plain, context)
            }
        }
    }
}
