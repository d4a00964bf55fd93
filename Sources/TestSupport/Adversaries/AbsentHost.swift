import ProtocolRules

/// Honest, and away at some heights: it neither works nor judges then.
public final class AbsentHost: HostBehaviour {
    private let absences: [ClosedRange<UInt64>]

    public init(_ absences: [ClosedRange<UInt64>]) { self.absences = absences }

    public convenience init(from first: UInt64, to last: UInt64 = .max) { self.init([first...last]) }

    public func isPresent(at height: UInt64) -> Bool { !absences.contains { $0.contains(height) } }
}
