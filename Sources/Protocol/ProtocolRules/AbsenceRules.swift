import Primitives

/// When absence from blocks costs a host its power in consensus (protocol.md section 7).
public enum AbsenceRules {
    /// The blocks that are looked back on, this one included.
    public static let windowBlocks: UInt64 = 200
    /// Absences within them that cost the power: half.
    public static let absencesMax = 100
    /// Blocks after the loss of power in which asking for it is in vain: as many as the absences that cost it. Else who is never there could
    /// have it back in the block that took it, before consensus hears of either.
    public static let returnBlocks: UInt64 = 100
    /// The part of the power that absence removes in an epoch: a fifth.
    static let shareDivisor: UInt64 = 5

    /// Whether absence may take a validator's power now.
    ///
    /// - Parameters:
    ///   - power: the validator's.
    ///   - removed: what absence removed of others in this epoch; nil for the first of the epoch, who may have more than a fifth.
    ///   - whole: the power that there would be without the absences of this epoch.
    public static func mayRemove(_ power: UInt64, beside removed: UInt64?, of whole: UInt64) -> Bool {
        guard let removed else { return true }
        let share = whole / shareDivisor
        return power <= share && removed <= share - power
    }
}

/// From which of the last blocks a validator was absent. It changes with an absence alone: who is always there costs nothing, and
/// what leaves the window is dropped when the next absence comes.
public struct AbsenceWindow: Equatable, Sendable {
    /// The length of `blocks` in bytes.
    public static let length = Int(AbsenceRules.windowBlocks / 8)

    /// The last block that it was absent from; 0 before the first.
    public private(set) var height: UInt64
    /// 25 bytes, or none before the first absence: bit n, of byte n / 8 counted from its lowest bit, says that it was absent from block
    /// `height` − n.
    public private(set) var blocks: Bytes

    /// Without absences.
    public init() { (height, blocks) = (0, []) }

    /// Reads a window, or nil where the bytes are none.
    public init?(height: UInt64, blocks: Bytes) {
        guard blocks.count == (height > 0 ? AbsenceWindow.length : 0) else { return nil }
        (self.height, self.blocks) = (height, blocks)
    }

    /// How many absences there are in the window that ends with `height`.
    public var absences: Int { blocks.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// Notes an absence.
    ///
    /// - Parameter height: from 1, and not before the last one; the same again changes nothing.
    public mutating func note(absenceAt height: UInt64) {
        guard height > self.height else { return }
        let distance = height - self.height
        self.height = height
        guard !blocks.isEmpty, distance < AbsenceRules.windowBlocks else {
            blocks = [1] + Bytes(repeating: 0, count: AbsenceWindow.length - 1)
            return
        }
        let (bytes, bits) = (Int(distance / 8), Int(distance % 8))
        let old = blocks
        for place in blocks.indices {
            let low = place >= bytes ? UInt16(old[place - bytes]) << bits : 0
            let carried = place > bytes ? (UInt16(old[place - bytes - 1]) << bits) >> 8 : 0
            blocks[place] = UInt8(truncatingIfNeeded: low | carried)
        }
        blocks[0] |= 1
    }
}
