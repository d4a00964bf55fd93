import Primitives
import ProtocolRules

/// Which hosts an operator wants its requests to go to: declared, and applied before anything is measured.
public struct RoutingPolicy: Equatable, Sendable {
    /// Hosts of the operator's own. They are asked before all others, as long as they have fewer open requests than `spillOver`.
    public var own: Set<Address> = []
    /// Open requests of this gateway at an own host from which on others are asked as well; at least 1. Without own hosts it
    /// has no meaning.
    public var spillOver = 8
    /// The only hosts that are asked besides one's own; nil for all.
    public var allowed: Set<Address>?
    /// Never asked.
    public var denied: Set<Address> = []
    /// Where hosts stand, as the operator says: the ledger does not know.
    public var regions: [Address: String] = [:]
    /// The only regions that are asked; nil for all. A host without a region is in none of them.
    public var allowedRegions: Set<String>?
    /// The most that 1,000 tokens may cost, of input and of output alike; nil for any price. One's own hosts are not held
    /// against it.
    public var priceMax: Amount?

    public init() {}

    /// Why a host is left out; nil where it may be asked.
    func refusal(of host: Address, prices: TokenPrices) -> RouteExclusion? {
        if let refusal = refusal(of: host) { return refusal }
        if let priceMax, !own.contains(host), isAbove(priceMax, prices) { return .price }
        return nil
    }

    /// Why a host must not see a request, whatever it costs; nil where it may.
    func refusal(of host: Address) -> RouteExclusion? {
        if denied.contains(host) { return .denied }
        if let allowedRegions, !(regions[host].map { allowedRegions.contains($0) } ?? false) { return .region }
        if let allowed, !own.contains(host), !allowed.contains(host) { return .notAllowed }
        return nil
    }

    /// Where a host stands in the policy's order: 0 before 1.
    func rank(of host: Address, openRequests: Int) -> Int { own.contains(host) && openRequests < spillOver ? 0 : 1 }

    private func isAbove(_ bound: Amount, _ prices: TokenPrices) -> Bool {
        // A price of `TokenPrices.scale` is one ngonka per 1,000 tokens.
        let (scaled, overflow) = bound.ngonka.multipliedReportingOverflow(by: TokenPrices.scale)
        return !overflow && max(prices.input, prices.output) > scaled
    }
}
