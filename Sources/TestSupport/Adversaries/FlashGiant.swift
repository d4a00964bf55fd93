import Primitives
import ProtocolRules

/// Comes overnight with a hundred times the hardware of others, to take over the consensus.
public final class FlashGiant: HostBehaviour {
    public init() {}

    public func itemsPerBlock(of kind: RoundKind) -> UInt64 { 500 }
}
