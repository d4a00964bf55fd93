import Cryptography
import Primitives
import ProtocolRules
import Testing

@Suite struct DrawTests {
    /// Bytes 00 … 1f.
    static let seed = Hash32(Bytes(0..<32)) ?? .zero

    /// The address whose 20 bytes are all `byte`.
    static func address(_ byte: UInt8) -> Address {
        guard let address = Address(Bytes(repeating: byte, count: Address.length)) else {
            preconditionFailure("20 bytes are an address")
        }
        return address
    }

    static let sample = SampleReference(
        entry: ClaimEntryReference(round: 3, claimant: address(0x11), model: "smollm2-135m-instruct-f16"), number: 2)

    // Values and picks computed in another language by laying the entries out anew for every pick.
    @Test(arguments: [
        (Draw.group(session: 7), UInt64(0), UInt128(0xbefe_b639_90e2_56f8_d810_307b_5c2b_9d10)),
        (.group(session: 7), 1, 0xb73f_276c_5b59_72cc_3fd5_fadf_5883_c30e),
        (.sample(of: sample.entry), 1, 0x385e_b89b_bd6b_ef11_9129_d2e0_c3b2_4095),
        (.auditor(of: sample), 0, 0x9ed5_5c2d_2d00_b03c_31cb_fec6_ca2c_08cc),
        (.panel(of: sample), 0, 0x07b8_4618_1bfa_e2d3_c9f5_3235_fb3d_794c),
        (.witness(session: 7, sequence: 9), 0, 0x53cc_a4c8_3df9_926c_77f9_f9ff_14d1_b166),
    ])
    func valuesMatchTheReference(_ draw: Draw, _ index: UInt64, _ value: UInt128) {
        #expect(draw.value(index, seed: DrawTests.seed) == value)
    }

    @Test func pointsLieBelowTheirBound() {
        let draw = Draw.sample(of: DrawTests.sample.entry)
        #expect(draw.point(1, seed: DrawTests.seed, below: 1_000_003) == 515_803)
        #expect(draw.point(1, seed: DrawTests.seed, below: 1) == 0)
        #expect(draw.point(1, seed: DrawTests.seed, below: 0) == nil)
    }

    static let mixed: [(UInt8, UInt64)] = [(9, 500), (1, 10), (5, 0), (7, .max), (3, 1 << 63), (2, .max)]
    static let rising: [(UInt8, UInt64)] = (1...8).map { ($0, UInt64($0)) }

    @Test(arguments: [
        (UInt64(7), mixed, 3, [UInt8(3), 2, 7]),
        (7, mixed, 9, [3, 2, 7, 9, 1]),
        (8, [(4, 0), (2, 0), (9, 0), (7, 0)], 3, [9, 7, 4]),
        (1, rising, 8, [5, 4, 2, 8, 6, 7, 1, 3]),
        (1, [], 3, []),
        (1, rising, 0, []),
        (1, rising, -1, []),
    ])
    func picksMatchTheReference(
        _ session: UInt64, _ weights: [(UInt8, UInt64)], _ count: Int, _ winners: [UInt8]
    ) {
        let entries = weights.map { DrawEntry(address: DrawTests.address($0.0), weight: $0.1) }
        for order in [entries, entries.reversed()] {
            let picked = Draw.group(session: session).pick(count, from: DrawEntries(order), seed: DrawTests.seed)
            #expect(picked == winners.map(DrawTests.address))
        }
    }

    @Test func steppingOverTheTakenIsLayingTheOthersOutAnew() {
        var random = SplitMix64(seed: 3)
        for session in 1...300 as ClosedRange<UInt64> {
            let entries = (0..<UInt8.random(in: 1...40, using: &random)).map { byte in
                DrawEntry(address: DrawTests.address(byte), weight: random.next() >> (random.next() % 64))
            }
            let draw = Draw.group(session: session)
            let picked = draw.pick(entries.count, from: DrawEntries(entries), seed: DrawTests.seed)
            #expect(picked == pickAnew(draw, entries.filter { $0.weight > 0 }))
        }
    }

    private func pickAnew(_ draw: Draw, _ entries: [DrawEntry]) -> [Address] {
        var left = entries.sorted { $0.address < $1.address }
        var winners: [Address] = []
        while !left.isEmpty {
            let total = left.reduce(0) { $0 + UInt128($1.weight) }
            var point = draw.value(UInt64(winners.count), seed: DrawTests.seed) % total
            var index = 0
            while point >= UInt128(left[index].weight) {
                point -= UInt128(left[index].weight)
                index += 1
            }
            winners.append(left.remove(at: index).address)
        }
        return winners
    }

    @Test func chancesFollowWeights() {
        let weights: [UInt64] = [1, 2, 5]
        let entries = DrawEntries(
            weights.enumerated().map { DrawEntry(address: DrawTests.address(UInt8($0)), weight: $1) })
        let draws = 8_000
        var wins = [0, 0, 0]
        for session in 1...UInt64(draws) {
            let winner = Draw.group(session: session).pick(1, from: entries, seed: DrawTests.seed)
            wins[Int(winner[0].bytes[0])] += 1
        }
        let chiSquare = zip(wins, weights).reduce(0.0) { sum, pair in
            let expected = Double(draws) * Double(pair.1) / 8
            return sum + (Double(pair.0) - expected) * (Double(pair.0) - expected) / expected
        }
        // 99.9 % of fair draws lie below, with two degrees of freedom.
        #expect(chiSquare < 13.8, "\(wins)")
    }
}
