import Messages
import Primitives
import ProtocolRules

/// Does no synthetic work of its own: it claims another host's items.
public final class ItemCopier: HostBehaviour {
    private let victim: Address

    public init(of victim: Address) { self.victim = victim }

    public func source(of work: SyntheticSource) -> SyntheticSource {
        SyntheticSource(host: victim, workSeed: work.workSeed)
    }
}
