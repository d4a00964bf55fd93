/// Intervals of code points as sequences of byte ranges, by which UTF-8 spells them.
enum UTF8Ranges {
    /// One place of a sequence: a byte in [low, high].
    typealias ByteRange = (low: UInt8, high: UInt8)

    /// The sequences for `interval`, ascending; together they spell exactly its code points.
    static func sequences(of interval: CodePointSet.Interval) -> [[ByteRange]] {
        var sequences: [[ByteRange]] = []
        append(interval.low, interval.high, to: &sequences)
        return sequences
    }

    private static func append(_ low: UInt32, _ high: UInt32, to sequences: inout [[ByteRange]]) {
        for last: UInt32 in [0x7f, 0x7ff, 0xffff] where low <= last && last < high {
            append(low, last, to: &sequences)
            return append(last + 1, high, to: &sequences)
        }
        if high > 0x7f {
            for shift: UInt32 in [6, 12, 18] {
                let mask = UInt32(1) << shift - 1
                // Ranges that share all but their last places are one sequence; others are cut at the places' ends.
                guard low & ~mask != high & ~mask else { continue }
                if low & mask != 0 {
                    append(low, low | mask, to: &sequences)
                    return append((low | mask) + 1, high, to: &sequences)
                }
                if high & mask != mask {
                    append(low, (high & ~mask) - 1, to: &sequences)
                    return append(high & ~mask, high, to: &sequences)
                }
            }
        }
        sequences.append(zip(bytes(of: low), bytes(of: high)).map { ($0, $1) })
    }

    /// The UTF-8 of a code point that is no surrogate.
    private static func bytes(of value: UInt32) -> [UInt8] {
        Unicode.Scalar(value).map { Array(String(Character($0)).utf8) } ?? []
    }
}
