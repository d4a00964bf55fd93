import Primitives

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers in every run, so that a failing seed can be run again.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// Few bytes and few lengths, so that keys are often equal, often prefixes of each other, and often part in a bit next to
    /// a byte's border; one in eight is long.
    mutating func key() -> Bytes {
        let alphabet: Bytes = [0x00, 0x01, 0x7F, 0x80, 0xFF]
        let count = Int.random(in: 0...7, using: &self) == 0 ? 40 : Int.random(in: 0...4, using: &self)
        return (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &self)] }
    }

    mutating func value() -> Bytes {
        (0..<Int.random(in: 0...3, using: &self)).map { _ in UInt8.random(in: 0...255, using: &self) }
    }
}
