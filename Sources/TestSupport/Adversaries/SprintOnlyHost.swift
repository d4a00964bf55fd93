import Primitives
import ProtocolRules

/// Has its machines for the sprint alone, and nothing when a confirmation comes.
public final class SprintOnlyHost: HostBehaviour {
    public init() {}

    public func itemsPerBlock(of kind: RoundKind) -> UInt64 { kind == .sprint ? 5 : 0 }
    public func requests(of payer: Address) -> UInt64? { 0 }
}
