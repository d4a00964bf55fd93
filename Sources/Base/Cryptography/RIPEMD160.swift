import Primitives

/// RIPEMD-160 (Dobbertin, Bosselaers, Preneel 1996): the outer hash of an account address, used for nothing else.
enum RIPEMD160 {
    /// The 20 bytes of the hash of `bytes`.
    static func hash(_ bytes: Bytes) -> Bytes {
        var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]
        let padded = padded(bytes)
        for start in stride(from: 0, to: padded.count, by: 64) {
            compress(words(padded[start..<(start + 64)]), into: &state)
        }
        var digest = Bytes()
        for word in state { digest.appendLittleEndian(word) }
        return digest
    }

    private static func padded(_ bytes: Bytes) -> Bytes {
        var padded = bytes + [0x80]
        while padded.count % 64 != 56 { padded.append(0) }
        padded.appendLittleEndian(UInt64(bytes.count) &* 8)
        return padded
    }

    private static func words(_ block: ArraySlice<UInt8>) -> [UInt32] {
        stride(from: block.startIndex, to: block.endIndex, by: 4).map { start in
            block[start..<(start + 4)].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
    }

    private static func compress(_ words: [UInt32], into state: inout [UInt32]) {
        var left = Line(state)
        var right = Line(state)
        for step in 0..<80 {
            let round = step / 16
            left.advance(round, words[leftOrder[step]] &+ leftConstants[round], rotation: leftRotations[step])
            right.advance(4 - round, words[rightOrder[step]] &+ rightConstants[round], rotation: rightRotations[step])
        }
        state = [
            state[1] &+ left.c &+ right.d, state[2] &+ left.d &+ right.e, state[3] &+ left.e &+ right.a,
            state[4] &+ left.a &+ right.b, state[0] &+ left.b &+ right.c,
        ]
    }

    /// One of the two parallel lines of the compression function, with its five words in the paper's letters.
    private struct Line {
        var a, b, c, d, e: UInt32

        init(_ state: [UInt32]) { (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4]) }

        mutating func advance(_ function: Int, _ word: UInt32, rotation: UInt32) {
            let next = rotated(a &+ mixed(function) &+ word, by: rotation) &+ e
            (a, b, c, d, e) = (e, next, b, rotated(c, by: 10), d)
        }

        private func mixed(_ function: Int) -> UInt32 {
            switch function {
            case 0: b ^ c ^ d
            case 1: (b & c) | (~b & d)
            case 2: (b | ~c) ^ d
            case 3: (b & d) | (c & ~d)
            default: b ^ (c | ~d)
            }
        }
    }

    private static func rotated(_ word: UInt32, by bits: UInt32) -> UInt32 { word << bits | word >> (32 - bits) }

    private static let leftConstants: [UInt32] = [0, 0x5a82_7999, 0x6ed9_eba1, 0x8f1b_bcdc, 0xa953_fd4e]
    private static let rightConstants: [UInt32] = [0x50a2_8be6, 0x5c4d_d124, 0x6d70_3ef3, 0x7a6d_76e9, 0]
    private static let leftOrder = [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 7, 4, 13, 1, 10, 6, 15, 3, 12, 0, 9, 5, 2, 14, 11, 8,
        3, 10, 14, 4, 9, 15, 8, 1, 2, 7, 0, 6, 13, 11, 5, 12, 1, 9, 11, 10, 0, 8, 12, 4, 13, 3, 7, 15, 14, 5, 6, 2,
        4, 0, 5, 9, 7, 12, 2, 10, 14, 1, 3, 8, 11, 6, 15, 13,
    ]
    private static let rightOrder = [
        5, 14, 7, 0, 9, 2, 11, 4, 13, 6, 15, 8, 1, 10, 3, 12, 6, 11, 3, 7, 0, 13, 5, 10, 14, 15, 8, 12, 4, 9, 1, 2,
        15, 5, 1, 3, 7, 14, 6, 9, 11, 8, 12, 2, 10, 0, 4, 13, 8, 6, 4, 1, 3, 11, 15, 0, 5, 12, 2, 13, 9, 7, 10, 14,
        12, 15, 10, 4, 1, 5, 8, 7, 6, 2, 13, 14, 0, 3, 9, 11,
    ]
    private static let leftRotations: [UInt32] = [
        11, 14, 15, 12, 5, 8, 7, 9, 11, 13, 14, 15, 6, 7, 9, 8, 7, 6, 8, 13, 11, 9, 7, 15, 7, 12, 15, 9, 11, 7, 13, 12,
        11, 13, 6, 7, 14, 9, 13, 15, 14, 8, 13, 6, 5, 12, 7, 5, 11, 12, 14, 15, 14, 15, 9, 8, 9, 14, 5, 6, 8, 6, 5, 12,
        9, 15, 5, 11, 6, 8, 13, 12, 5, 12, 13, 14, 11, 8, 5, 6,
    ]
    private static let rightRotations: [UInt32] = [
        8, 9, 9, 11, 13, 15, 15, 5, 7, 7, 8, 11, 14, 14, 12, 6, 9, 13, 15, 7, 12, 8, 9, 11, 7, 7, 12, 7, 6, 15, 13, 11,
        9, 7, 15, 11, 8, 6, 6, 14, 12, 13, 5, 14, 13, 13, 7, 5, 15, 5, 8, 11, 14, 14, 6, 14, 6, 9, 12, 9, 12, 5, 15, 8,
        8, 5, 12, 9, 12, 5, 14, 6, 8, 13, 6, 5, 15, 13, 11, 11,
    ]
}
