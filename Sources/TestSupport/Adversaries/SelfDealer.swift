import Primitives
import ProtocolRules

/// Pays itself for many requests that nobody else sees.
public final class SelfDealer: HostBehaviour {
    private let own: Address
    private let requests: UInt64

    /// - Parameters:
    ///   - own: the account that pays, its own.
    ///   - requests: that it claims from itself in a round.
    public init(own: Address, requests: UInt64) {
        self.own = own
        self.requests = requests
    }

    public func requests(of payer: Address) -> UInt64? { payer == own ? requests : nil }
}
