/// A set of Unicode scalars as ranges: ascending, apart from each other, without the surrogates.
public struct CodePointSet: Hashable, Sendable {
    /// Both ends included.
    public struct Interval: Hashable, Sendable {
        public let low: UInt32
        public let high: UInt32

        public init(_ low: UInt32, _ high: UInt32) {
            self.low = low
            self.high = high
        }
    }

    public let intervals: [Interval]

    /// Every Unicode scalar.
    public static let all = CodePointSet([Interval(0, 0x10ffff)])

    /// The union of `intervals`, whatever their order; what is no scalar is left out.
    public init(_ intervals: [Interval]) {
        var merged: [Interval] = []
        for interval in intervals.flatMap(Self.withoutSurrogates).sorted(by: { ($0.low, $0.high) < ($1.low, $1.high) })
        {
            if let last = merged.last, interval.low <= last.high + 1 {
                merged[merged.count - 1] = Interval(last.low, max(last.high, interval.high))
            } else {
                merged.append(interval)
            }
        }
        self.intervals = merged
    }

    /// The scalars of `text`.
    public init(of text: String) { self.init(text.unicodeScalars.map { Interval($0.value, $0.value) }) }

    public var isEmpty: Bool { intervals.isEmpty }

    /// Every scalar that is not in this set.
    public var inverted: CodePointSet {
        var gaps: [Interval] = []
        var next: UInt32 = 0
        for interval in intervals {
            if interval.low > next { gaps.append(Interval(next, interval.low - 1)) }
            next = interval.high + 1
        }
        if next <= 0x10ffff { gaps.append(Interval(next, 0x10ffff)) }
        return CodePointSet(gaps)
    }

    public func union(_ other: CodePointSet) -> CodePointSet { CodePointSet(intervals + other.intervals) }

    public func intersection(_ other: CodePointSet) -> CodePointSet { inverted.union(other.inverted).inverted }

    public func subtracting(_ other: CodePointSet) -> CodePointSet { intersection(other.inverted) }

    public func contains(_ scalar: UInt32) -> Bool { intervals.contains { $0.low <= scalar && scalar <= $0.high } }

    private static func withoutSurrogates(_ interval: Interval) -> [Interval] {
        let low = Interval(interval.low, min(interval.high, 0xd7ff))
        let high = Interval(max(interval.low, 0xe000), min(interval.high, 0x10ffff))
        return [low, high].filter { $0.low <= $0.high }
    }
}
