import Primitives

/// Where two keys part, and which way a key goes there.
///
/// A key is read as a string of bits: for each byte a 1 and its eight bits, most significant first; after the last byte
/// a 0. No such string begins another, so every set of keys has a binary trie, and the order of the strings is the order of
/// the keys as bytes (a prefix comes first).
///
/// A bit is named by its byte's index · 16 + 0 for the marker or 1...8 for a bit of the byte: earlier bits have smaller
/// numbers, and shifts find them (keys are far shorter than 2²⁸ bytes).
enum KeyBits {
    /// Larger than every bit: what a leaf has in place of a critical bit.
    static let none = UInt32.max

    /// The first bit in which the keys differ, or `none` where they are equal.
    static func criticalBit(_ left: Bytes, _ right: Bytes) -> UInt32 {
        left.withUnsafeBytes { left in right.withUnsafeBytes { right in criticalBit(left, right) } }
    }

    static func criticalBit(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> UInt32 {
        let index = firstDifference(left, right)
        if index < left.count && index < right.count {
            return UInt32(truncatingIfNeeded: index << 4 | (1 + (left[index] ^ right[index]).leadingZeroBitCount))
        }
        return left.count == right.count ? none : UInt32(truncatingIfNeeded: index << 4)
    }

    /// The value of one bit; bits after the end are 0.
    @inline(__always)
    static func isSet(_ bit: UInt32, in key: UnsafeRawBufferPointer) -> Bool {
        let index = Int(bit >> 4)
        guard index < key.count else { return false }
        let place = bit & 15
        return place == 0 || key[index] >> (8 - place) & 1 == 1
    }

    /// The value of one bit; bits after the end are 0.
    static func isSet(_ bit: UInt32, in key: Bytes) -> Bool { key.withUnsafeBytes { isSet(bit, in: $0) } }

    /// True where `left` comes before `right`, as bytes.
    static func isOrdered(_ left: Bytes, before right: Bytes) -> Bool {
        left.withUnsafeBytes { left in
            right.withUnsafeBytes { right in
                let index = firstDifference(left, right)
                guard index < left.count && index < right.count else { return left.count < right.count }
                return left[index] < right[index]
            }
        }
    }

    /// True where `key` begins with `prefix`.
    static func starts(_ key: Bytes, with prefix: Bytes) -> Bool {
        prefix.count <= key.count
            && key.withUnsafeBytes { key in
                prefix.withUnsafeBytes { firstDifference(key, $0) == $0.count }
            }
    }

    /// The first eight bytes as a number, zeros after the end: ordered as the keys are, but for ties.
    static func leadingWord(_ key: Bytes) -> UInt64 {
        key.withUnsafeBytes { key in
            if key.count >= 8 { return UInt64(bigEndian: key.loadUnaligned(as: UInt64.self)) }
            return key.reduce(0) { $0 << 8 | UInt64($1) } << UInt64(8 * (8 - key.count))
        }
    }

    /// The index of the first byte that differs, or the shorter count. Eight bytes at a time: keys share long prefixes.
    private static func firstDifference(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
        let count = min(left.count, right.count)
        var index = 0
        while index + 8 <= count {
            let difference =
                left.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                ^ right.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            if difference != 0 { return index + UInt64(littleEndian: difference).trailingZeroBitCount / 8 }
            index += 8
        }
        while index < count && left[index] == right[index] { index += 1 }
        return index
    }
}
