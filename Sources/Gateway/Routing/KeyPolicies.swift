import OpenAIWire

/// A routing policy that keys name, as it holds: within the gateway's own.
struct KeyPolicy: Equatable, Sendable {
    let name: String
    let rules: RoutingPolicy
}

/// The routing policies that a gateway knows by name, for the requests of keys whose terms name one.
public struct KeyPolicies: Sendable {
    /// The most that a gateway defines.
    public static let countMax = Limits.keyPoliciesMax

    private let policies: [String: RoutingPolicy]

    /// - Parameters:
    ///   - named: by name, as the operator wrote them down.
    ///   - gateway: holds for everybody; a name narrows it and never widens it.
    public init(_ named: [String: RoutingPolicy] = [:], within gateway: RoutingPolicy = RoutingPolicy()) {
        policies = named.mapValues { gateway.narrowed(by: $0) }
    }

    /// Whether a policy may have this name: 1 to 64 letters, digits, `-` and `_` of ASCII. `none` takes a key's policy away.
    public static func isName(_ text: String) -> Bool {
        (1...Limits.policyNameBytesMax).contains(text.utf8.count) && text != "none"
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    /// The policy that a key's terms name; nil where they name none.
    ///
    /// - Throws: where none of that name is known: whoever set a policy relies on it, and nothing may be asked without.
    func policy(of terms: KeyTerms) throws(OpenAIError) -> KeyPolicy? {
        guard let name = terms.policy else { return nil }
        guard let rules = policies[name] else { throw .unknownPolicy(name) }
        return KeyPolicy(name: name, rules: rules)
    }

    /// Holds terms against the policies that are known, before they are written down.
    ///
    /// - Throws: `.unknownPolicy`.
    public func check(_ terms: KeyTerms) throws(GatewayError) {
        guard let name = terms.policy, policies[name] == nil else { return }
        throw .unknownPolicy(name: name, key: nil)
    }

    /// Holds all keys of a gateway against the policies that are known.
    ///
    /// - Throws: `.unknownPolicy`, of the first key that names another.
    public func check(_ keys: APIKeys) throws(GatewayError) {
        for key in keys.keys {
            guard let name = key.terms.policy, policies[name] == nil else { continue }
            throw .unknownPolicy(name: name, key: key.name)
        }
    }
}

extension RoutingPolicy {
    /// This policy with another one's wishes besides: whoever is left out by one of them is left out. Where hosts stand is this
    /// one's word. The other's own hosts count as far as they are this one's; where it names none, all of this one's do.
    func narrowed(by other: RoutingPolicy) -> RoutingPolicy {
        var both = self
        if !other.own.isEmpty { both.own = own.intersection(other.own) }
        both.spillOver = other.spillOver
        both.allowed = Self.both(allowed, other.allowed)
        both.denied = denied.union(other.denied)
        both.allowedRegions = Self.both(allowedRegions, other.allowedRegions)
        both.priceMax = [priceMax, other.priceMax].compactMap { $0 }.min()
        return both
    }

    /// What both take; nil takes all.
    private static func both<Element>(_ left: Set<Element>?, _ right: Set<Element>?) -> Set<Element>? {
        guard let left, let right else { return left ?? right }
        return left.intersection(right)
    }
}

extension OpenAIError {
    fileprivate static func unknownPolicy(_ name: String) -> OpenAIError {
        .unsupported(
            "policy", value: name,
            instead: "the key has a routing policy that this gateway does not know; ask its operator")
    }
}
