import Primitives
import Testing

@testable import StateStore

@Suite struct KeyBitsTests {
    /// All keys of up to two bytes from a few, and one that is longer than a word.
    static let keys: [Bytes] = {
        let bytes: Bytes = [0, 1, 0x7F, 0x80, 0xFF]
        let pairs = bytes.flatMap { first in bytes.map { [first, $0] } }
        let word = Bytes(repeating: 7, count: 8)
        return [[]] + bytes.map { [$0] } + pairs + [word, word + [0], word + [1], word + word, [7, 7, 7, 9]]
    }()

    @Test func criticalBitIsTheFirstDifferenceOfTheBitStrings() {
        for left in KeyBitsTests.keys {
            for right in KeyBitsTests.keys {
                let (leftBits, rightBits) = (ModelState.bits(left), ModelState.bits(right))
                let place = zip(leftBits, rightBits).enumerated().first { $0.element.0 != $0.element.1 }?.offset
                let expected = place.map { UInt32($0 / 9 * 16 + $0 % 9) } ?? KeyBits.none
                #expect(KeyBits.criticalBit(left, right) == expected, "\(left) \(right)")
                if let place { #expect(KeyBits.isSet(expected, in: left) == leftBits[place]) }
            }
        }
    }

    @Test func orderIsThatOfBytes() {
        for left in KeyBitsTests.keys {
            for right in KeyBitsTests.keys {
                #expect(KeyBits.isOrdered(left, before: right) == left.lexicographicallyPrecedes(right))
                #expect(KeyBits.starts(left, with: right) == left.starts(with: right))
                if KeyBits.leadingWord(left) < KeyBits.leadingWord(right) {
                    #expect(left.lexicographicallyPrecedes(right))
                }
            }
        }
    }

    @Test func bitsAfterTheEndAreZero() {
        #expect(!KeyBits.isSet(16, in: Bytes([0xFF])))
        #expect(!KeyBits.isSet(99 << 4 | 3, in: Bytes([0xFF])))
        #expect(!KeyBits.isSet(0, in: Bytes()))
    }
}
