import Cryptography
import Primitives
import ProtocolRules
import Testing

@testable import EngineAPI

/// Expected values: protocol.md section 4 where it gives them, else a second implementation in another language.
struct NoiseTests {
    private func seed(_ bytes: some Sequence<UInt8>) throws -> ItemSeed { ItemSeed(try #require(Hash32(Bytes(bytes)))) }

    @Test func philoxOfZeros() {
        #expect(
            Philox.block(key: .zero, counter: .zero) == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    }

    @Test func philoxOfCountingSeed() throws {
        let noise = TokenNoise(try seed(0..<32))
        #expect(
            noise.block(position: 5, token: 1234) == SIMD4(0x9b2f_693c, 0x01cb_bd13, 0xe6fc_9660, 0x8d09_7018))
        let bits = noise.uniformBits(position: 5, token: 1234)
        #expect(bits == 2_730_046_900_935_867)
        #expect(ReferenceSampler.uniform(bits) == 0.6061921855451108)
        #expect(abs(ReferenceSampler.gumbel(bits) - 0.6920313926285147) < 1e-15)
        #expect(noise.designatedToken(position: 5, vocabularySize: 49152) == 48702)
    }

    @Test func noiseIsFiniteAtBothEnds() {
        #expect(ReferenceSampler.gumbel(0) > -3.7)
        #expect(ReferenceSampler.gumbel(1 << 52 - 1) < 36.8)
    }

    @Test func seedsBindWhatTheyMust() throws {
        let client = ItemSeed(clientSeed: -42, promptDigest: .sha256(Bytes("prompt".utf8)), choice: 3)
        #expect(client.hash.description == "74508a3a2f96fd9371b34b97e6607f58d24fd054bf37e7d74c94e8211cb81cfb")
        let executor = try #require(Address(Bytes(0..<20)))
        let session = ItemSeed(session: 7, executor: executor, sequence: 9, choice: 1)
        #expect(session.hash.description == "c9a4e090582dad213249952f812bf0770141de49c3e97c08df8bd0ef534315c2")
    }

    @Test func digestOfTokens() {
        #expect(
            TokenDigest.digest(of: [1, 49151, 256]).description
                == "3744deebf299f4bd4f1ed8e2be7f36ab7138fa4d9a032a4c258969d23fedd06f")
        #expect(TokenDigest.digest(of: []) == .sha256([]))
    }

    @Test(arguments: [
        (-1, []),
        (0, []),
        (1, [0]),
        (16, Array(0..<16)),
        (17, [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]),
        (40, [0, 1, 2, 5, 8, 17, 18, 20, 23, 26, 27, 29, 34, 35, 38, 39]),
        (2000, [96, 452, 518, 727, 728, 780, 877, 937, 1096, 1149, 1201, 1473, 1478, 1647, 1876, 1879]),
    ])
    func positions(count: Int, expected: [Int]) {
        let positions = FingerprintPositions.positions(
            outputCount: count, promptDigest: .sha256(Bytes("prompt".utf8)),
            outputDigest: .sha256(Bytes("output".utf8)))
        #expect(positions == expected)
    }
}
