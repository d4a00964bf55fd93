import Gateway

/// Routing policies that keys may name: tables `[gateway.policies.NAME]` of `config.toml`. They have neither flags nor variables.
extension Setting {
    /// Where the tables are; as a key of the file it lists their names.
    static let policies = "gateway.policies"

    /// What a policy may say. Where hosts stand is said once, under `[gateway]`.
    static let policyWords = [
        gatewayOwn, gatewaySpillOver, gatewayAllow, gatewayDeny, gatewayRegions, gatewayPriceMax,
    ]

    /// The same setting in a policy's table; nil for the gateway's own. What is not said there has no default, as the gateway's
    /// own counts.
    func inPolicy(_ name: String?) -> Setting {
        guard let name else { return self }
        return Setting(Self.policies + "." + name, self.name, "", flag: "", kind: kind, summary)
    }
}

extension Settings {
    /// The routing policies that keys may name, each as it was written down.
    ///
    /// - Parameter gateway: the gateway's own, which they narrow.
    /// - Throws: `OperatorError` where a value is none.
    func keyPolicies(within gateway: RoutingPolicy) throws -> [String: RoutingPolicy] {
        var policies: [String: RoutingPolicy] = [:]
        for name in policyNames { policies[name] = try RoutingPolicy(self, policy: name, within: gateway) }
        return policies
    }
}
