import Cryptography
import Messages
import Primitives
import ProtocolRules

/// Makes its sprint items before the sprint, from a seed that it hoped for.
public final class Precomputer: HostBehaviour {
    private let hoped: Hash32

    public init(hoped: Hash32) { self.hoped = hoped }

    public func source(of work: SyntheticSource) -> SyntheticSource {
        SyntheticSource(host: work.host, workSeed: hoped)
    }
}
