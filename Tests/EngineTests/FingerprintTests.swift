import Primitives
import ProtocolRules
import Testing

@testable import EngineAPI

struct FingerprintTests {
    @Test(
        arguments: [
            (0.0, 0), (-1.0, -512), (-64.0, -32768), (-1000.0, -32768), (-Double.infinity, -32768),
            (Double.nan, -32768),
            (-0.5 / 512, 0), (-1.5 / 512, -2), (-2.5 / 512, -2), (-2.51 / 512, -3), (1e-7, 0), (1e9, 32767),
        ] as [(Double, Int16)])
    func valueRoundsHalfToEven(logProbability: Double, expected: Int16) {
        #expect(Fingerprint.value(logProbability) == expected)
    }

    @Test func bytesAndCommitment() throws {
        let fingerprint = try #require(Fingerprint(values: [-1, 0, -512, -32768]))
        #expect(Hex.encode(fingerprint.bytes) == "ffff0000fe008000")
        #expect(Fingerprint(bytes: fingerprint.bytes) == fingerprint)
        #expect(
            fingerprint.commitment(salt: Bytes(0..<16))?.description
                == "c9aecc685199fbbe90d48a266528e4912a34470610c3a5c556f233b04593fcea")
        #expect(fingerprint.commitment(salt: Bytes(0..<15)) == nil)
    }

    @Test func refusesWhatIsNoFingerprint() {
        #expect(Fingerprint(bytes: [1]) == nil)
        #expect(Fingerprint(values: [1]) == nil)
        #expect(Fingerprint(bytes: Bytes(repeating: 0, count: 66)) == nil)
        #expect(Fingerprint(bytes: Bytes(repeating: 0, count: 64)) != nil)
    }

    @Test func takesPairsAtThePositions() throws {
        let pairs = (0..<5).map { LogProbabilityPair(taken: -Double($0), designated: -Double($0) - 0.5) }
        let fingerprint = try #require(Fingerprint(pairs, at: [1, 4]))
        #expect(fingerprint.values == [-512, -768, -2048, -2304])
        #expect(Fingerprint(pairs, at: [5]) == nil)
    }

    @Test func differenceIsTheSumOfDistances() throws {
        let one = try #require(Fingerprint(values: [-32768, 5]))
        let other = try #require(Fingerprint(values: [32767, 3]))
        #expect(one.difference(from: other) == 65537)
        #expect(one.difference(from: try #require(Fingerprint(values: []))) == nil)
    }
}
