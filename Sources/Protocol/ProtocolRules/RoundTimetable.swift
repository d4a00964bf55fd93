import Primitives
import WireFormat

/// What a round proves. Raw values are wire bytes.
public enum RoundKind: UInt64, CaseIterable, Sendable {
    /// Synthetic work at the start of each epoch: weight.
    case sprint = 1
    /// The same, short and unannounced: that the weight is still there.
    case confirmation = 2
    /// Developers' requests: fees.
    case serving = 3

    public var name: String {
        switch self {
        case .sprint: "sprint"
        case .confirmation: "confirmation"
        case .serving: "serving"
        }
    }
}

/// Where a round is. Each phase but the last has a window; they follow one another without gap or overlap.
public enum RoundPhase: Int, CaseIterable, Comparable, Sendable {
    /// Hosts do the work and append items to their logs.
    case work
    /// Hosts send their claims.
    case commit
    /// The beacon interval runs whose seed draws samples and auditors.
    case draw
    /// Auditors re-score and commit to their results.
    case audit
    /// Auditors open their results and claimants the sampled items.
    case open
    /// The beacon interval runs whose seed draws panels.
    case appealDraw
    /// Panels re-score disputed samples and commit.
    case appeal
    /// Panels open.
    case appealOpen
    /// The ledger settles claims, from a fixed height on for as many blocks as it needs.
    case settle

    public static func < (left: RoundPhase, right: RoundPhase) -> Bool { left.rawValue < right.rawValue }
}

/// All windows of a round: a pure function of its opening height, its kind and the parameters at its opening, frozen from
/// then on whatever governance does (protocol.md section 3).
///
/// Windows are closed ranges of heights: a message belongs to a window where its block's height is in the range. A round
/// opens at the beginning of its first work block and settles from the beginning of the block `settleHeight`.
public struct RoundTimetable: Hashable, Sendable {
    public let kind: RoundKind
    /// The first height of each phase, in order and strictly ascending.
    private let firstHeights: [UInt64]

    /// The timetable of a round whose first work block is `openingHeight`.
    ///
    /// - Parameters:
    ///   - openingHeight: the first block of the work window.
    ///   - windows: lengths in blocks.
    ///   - beacon: its interval ends close both draws.
    /// - Precondition: `openingHeight` and all windows are positive; `ProtocolParameters.check` ensures the latter.
    /// - Throws: `.overflow` where a height needs more than 64 bits.
    public init(
        openingHeight: UInt64, kind: RoundKind, windows: RoundParameters, beacon: BeaconSchedule
    ) throws(ArithmeticError) {
        precondition(openingHeight > 0)
        var first = [openingHeight]
        var next = openingHeight
        func append(_ blocks: UInt64) throws(ArithmeticError) {
            precondition(blocks > 0)
            next = try next.adding(blocks)
            first.append(next)
        }
        // The draw's interval begins after the last block of the window before, so that every claim is in before the
        // first secret of that interval is out.
        func appendDraw() throws(ArithmeticError) {
            let interval = try beacon.firstInterval(after: next - 1)
            next = try beacon.heights(of: interval).upperBound.adding(1)
            first.append(next)
        }
        try append(windows.workBlocks(of: kind))
        try append(windows.commitBlocks)
        try appendDraw()
        try append(windows.auditBlocks)
        try append(windows.openBlocks)
        try appendDraw()
        try append(windows.appealBlocks)
        try append(windows.appealOpenBlocks)
        self.kind = kind
        firstHeights = first
    }

    /// The first work block.
    public var openingHeight: UInt64 { firstHeights[0] }

    /// The first block in which claims are settled.
    public var settleHeight: UInt64 { firstHeights[RoundPhase.settle.rawValue] }

    /// Where a round that follows this one back to back opens: the block after its work window.
    public var nextOpeningHeight: UInt64 { firstHeights[RoundPhase.commit.rawValue] }

    /// The heights of `phase`; settlement has no end.
    public func window(_ phase: RoundPhase) -> ClosedRange<UInt64> {
        let first = firstHeights[phase.rawValue]
        return phase == .settle ? first...UInt64.max : first...(firstHeights[phase.rawValue + 1] - 1)
    }

    /// The phase that the block at `height` belongs to, or nil before the round opens.
    public func phase(at height: UInt64) -> RoundPhase? {
        guard let index = firstHeights.lastIndex(where: { $0 <= height }) else { return nil }
        return RoundPhase(rawValue: index)
    }
}

extension RoundTimetable: CanonicalMessage {
    /// Field 1: kind; 2: the nine first heights, packed.
    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var kind: RoundKind?
        var heights: [UInt64] = []
        while let field = try decoder.nextField() {
            switch field {
            case 1:
                kind = RoundKind(rawValue: try decoder.unsigned())
                if kind == nil { throw decoder.invalidValue() }
            case 2: heights = try decoder.packed()
            default: throw decoder.unknownField()
            }
        }
        guard let kind else { throw .missingField(number: 1) }
        guard heights.count == RoundPhase.allCases.count, heights[0] > 0,
            zip(heights, heights.dropFirst()).allSatisfy({ $0 < $1 })
        else { throw .invalidValue(number: 2) }
        self.kind = kind
        firstHeights = heights
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(kind.rawValue, field: 1)
        encoder.write(packed: firstHeights, field: 2)
    }
}
