import Primitives

/// Values for fields, the same in every run: as often at an edge as anywhere else.
struct RandomValues: RandomNumberGenerator {
    /// True where no field may be at its default, absent or empty, so that all of a message's fields are there.
    private let isFull: Bool
    private var state: UInt64

    init(seed: UInt64, isFull: Bool = false) {
        self.isFull = isFull
        state = seed
    }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }

    /// Either, also where all fields have to be there.
    mutating func decide() -> Bool { next() % 2 == 0 }

    mutating func one<Value>(of values: [Value]) -> Value { values[Int(next() % UInt64(values.count))] }

    /// Where one more byte of a varint begins, where 32 bits end, where all bits are set.
    static let edges: [UInt64] = [
        0, 1, 127, 128, 16_383, 16_384, 1 << 31, UInt64(UInt32.max), 1 << 32, 1 << 63, .max - 1, .max,
    ]

    mutating func number() -> UInt64 {
        let number = decide() ? one(of: RandomValues.edges) : next() >> (next() % 64)
        return isFull ? max(1, number) : number
    }

    /// A number of `bounds`, often the least or the greatest.
    mutating func number(in bounds: ClosedRange<UInt64>) -> UInt64 {
        let number = one(of: [bounds.lowerBound, bounds.upperBound, UInt64.random(in: bounds, using: &self)])
        return isFull && bounds.upperBound > 0 ? max(1, number) : number
    }

    mutating func amount() -> Amount { Amount(number()) }

    mutating func flag() -> Bool { isFull || decide() }

    mutating func bytes(upTo countMax: Int = 300) -> Bytes {
        let counts = [0, 1, 20, 32, 64, 127, 128, 300, decide() ? 300 : 20_000].filter { $0 <= countMax }
        let count = max(one(of: counts), isFull ? 1 : 0)
        if count > 300 { return Bytes(repeating: UInt8(truncatingIfNeeded: next()), count: count) }
        return decide() ? Bytes(repeating: 0, count: count) : bytes(count: count)
    }

    /// Also text that is spelt in two ways, has a zero byte, or lies outside the first plane.
    mutating func text() -> String {
        let text = one(of: ["", "a", "smollm2-135m", "\u{e9}", "e\u{301}", "a\0b", "\u{1f600}", "\u{ffff}"])
        let long = String(repeating: text, count: Int(one(of: [1, 1, 1, 20])))
        return isFull && long.isEmpty ? "full" : long
    }

    /// The name of a model, a chain, a type or a denomination.
    mutating func identifier() -> String {
        let name = one(of: ["", "a", "~", "ngonka", "smollm2-135m-instruct-f16", "/gonka.v1.MsgOpenSession"])
        let long = String(repeating: name, count: Int(one(of: [1, 1, 1, 20])))
        return isFull && long.isEmpty ? "full" : long
    }

    mutating func hash() -> Hash32 {
        let random = Hash32(bytes(count: Hash32.length)) ?? .zero
        return one(of: [.zero, random, random])
    }

    mutating func address() -> Address {
        let content =
            decide() ? bytes(count: Address.length) : Bytes(repeating: one(of: [0, 0xff]), count: Address.length)
        guard let address = Address(content) else { preconditionFailure("20 bytes") }
        return address
    }

    mutating func list<Value>(_ make: (inout RandomValues) -> Value) -> [Value] {
        (0..<(isFull ? 2 : one(of: [0, 1, 2, 3]))).map { _ in make(&self) }
    }

    mutating func optional<Value>(_ make: (inout RandomValues) -> Value) -> Value? { flag() ? make(&self) : nil }

    private mutating func bytes(count: Int) -> Bytes { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
}
