import Primitives
import ProtocolRules

/// Does its synthetic work and its audits, and refuses developers at will.
public final class RefusingHost: HostBehaviour {
    public init() {}

    public func requests(of payer: Address) -> UInt64? { 0 }
}
