/// Random numbers that are the same in every run: a failing test's seed is all that is needed to repeat it.
public struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }

    /// True with a chance of `percent` in a hundred.
    public mutating func happens(_ percent: UInt64) -> Bool { next() % 100 < percent }

    /// A number that is likely to be at an edge.
    public mutating func edge(near value: UInt64) -> UInt64 {
        switch next() % 10 {
        case 0: 0
        case 1: 1
        case 2: .max
        case 3: .max - 1
        case 4: value &+ 1
        case 5: value &- 1
        case 6: next()
        default: value
        }
    }
}
