import Primitives

/// Heights cut into equal intervals without gaps, numbered from 1. Interval i holds the heights (i−1)·length+1 … i·length;
/// height 0, genesis, is alone in number 0.
public protocol HeightSchedule: Hashable, Sendable {
    /// Blocks in an interval, at least 1.
    var length: UInt64 { get }
}

extension HeightSchedule {
    /// The number of the interval that holds `height`.
    public func index(at height: UInt64) -> UInt64 { height == 0 ? 0 : (height - 1) / length + 1 }

    /// Whether `height` is the first of its interval.
    public func isFirst(_ height: UInt64) -> Bool { height > 0 && (height - 1) % length == 0 }

    /// Whether `height` is the last of its interval.
    public func isLast(_ height: UInt64) -> Bool { height > 0 && height % length == 0 }

    /// The heights of interval `index`; throws `.overflow` where they need more than 64 bits.
    public func heights(of index: UInt64) throws(ArithmeticError) -> ClosedRange<UInt64> {
        guard index > 0 else { return 0...0 }
        let last = try index.multiplied(by: length)
        return (last - length + 1)...last
    }
}

/// Which epoch a height belongs to. The length is fixed at genesis.
public struct EpochSchedule: HeightSchedule {
    public let length: UInt64

    /// - Precondition: `length > 0`, which `ProtocolParameters.check` ensures.
    public init(length: UInt64) {
        precondition(length > 0)
        self.length = length
    }
}

/// Which beacon interval a height belongs to: seed(i) is known at the end of the last block of interval i, seed(0) at genesis.
/// The length is fixed at genesis.
public struct BeaconSchedule: HeightSchedule {
    public let length: UInt64

    /// - Precondition: `length > 0`, which `ProtocolParameters.check` ensures.
    public init(length: UInt64) {
        precondition(length > 0)
        self.length = length
    }

    /// The first interval that lies wholly after `height`: nobody who acts at or before `height` knows a secret of it.
    public func firstInterval(after height: UInt64) throws(ArithmeticError) -> UInt64 {
        try height.dividedRoundingUp(by: length).adding(1)
    }
}
