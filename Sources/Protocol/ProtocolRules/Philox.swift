/// The counter-based generator Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3",
/// SC11). Each counter has its own random block, so any position's noise is known without the ones before it.
public enum Philox {
    /// The 128 random bits of `counter` under `key`.
    public static func block(key: SIMD2<UInt32>, counter: SIMD4<UInt32>) -> SIMD4<UInt32> {
        var key = key
        var counter = counter
        for _ in 0..<10 {
            let first = UInt64(0xD251_1F53) * UInt64(counter.x)
            let second = UInt64(0xCD9E_8D57) * UInt64(counter.z)
            counter = SIMD4(
                UInt32(truncatingIfNeeded: second >> 32) ^ counter.y ^ key.x,
                UInt32(truncatingIfNeeded: second),
                UInt32(truncatingIfNeeded: first >> 32) ^ counter.w ^ key.y,
                UInt32(truncatingIfNeeded: first))
            key &+= SIMD2(0x9E37_79B9, 0xBB67_AE85)
        }
        return counter
    }
}
