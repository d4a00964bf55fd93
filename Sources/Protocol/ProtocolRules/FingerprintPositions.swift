import Cryptography
import Primitives

/// At which output positions an item's fingerprint is taken. The digests decide, so nobody knows them before the answer
/// is complete.
public enum FingerprintPositions {
    /// The most positions of a fingerprint; shorter outputs use all of theirs.
    public static let maximumCount = 16

    /// min(16, outputCount) positions in [0, outputCount), ascending: a Fisher–Yates shuffle of 0 … n−1 whose step j
    /// swaps P[j] with P[j + (first 8 bytes of SHA256(h ‖ BE64 j)) mod (n − j)], where h = SHA256(`gonka/positions/v1` ‖
    /// prompt digest ‖ output digest) (protocol.md section 4). Touches 16 places whatever the length.
    public static func positions(outputCount: Int, promptDigest: Hash32, outputDigest: Hash32) -> [Int] {
        let key = Hash32.sha256(Bytes("gonka/positions/v1".utf8) + promptDigest.bytes + outputDigest.bytes)
        return shuffled(outputCount, key: key)
    }

    /// The positions at which a panel scores an item anew: the same with h = SHA256(`gonka/fresh/v1` ‖ panel seed ‖ sample), so
    /// that no number which was whispered or opened before helps.
    public static func fresh(outputCount: Int, panelSeed: Hash32, sample: SampleReference) -> [Int] {
        let key = Hash32.sha256(Bytes("gonka/fresh/v1".utf8) + panelSeed.bytes + sample.bytes)
        return shuffled(outputCount, key: key)
    }

    private static func shuffled(_ count: Int, key: Hash32) -> [Int] {
        let chosenCount = max(0, min(maximumCount, count))
        // Only places that a swap has touched; every other place still holds its own number.
        var touched: [Int: Int] = [:]
        var chosen: [Int] = []
        for step in 0..<chosenCount {
            var bytes = key.bytes
            bytes.appendBigEndian(UInt64(step))
            let place = step + Int(Hash32.sha256(bytes).firstWord % UInt64(count - step))
            chosen.append(touched[place] ?? place)
            touched[place] = touched[step] ?? step
        }
        return chosen.sorted()
    }
}
