import ArgumentParser
import Cryptography
import Gateway
import Primitives

/// Which hosts a gateway asks.
struct RoutingOptions: ParsableArguments {
    @Option(help: Setting.gatewayOwn.help) var own: [String] = []
    @Option(help: Setting.gatewaySpillOver.help) var spillOver: Int?
    @Option(help: Setting.gatewayAllow.help) var allow: [String] = []
    @Option(help: Setting.gatewayDeny.help) var deny: [String] = []
    @Option(help: Setting.gatewayHostRegions.help) var hostRegion: [String] = []
    @Option(help: Setting.gatewayRegions.help) var region: [String] = []
    @Option(help: Setting.gatewayPriceMax.help) var priceMax: String?

    var flags: [Setting: String] {
        func list(_ values: [String]) -> String? { values.isEmpty ? nil : values.joined(separator: ",") }
        return .given(
            (.gatewayOwn, list(own)), (.gatewaySpillOver, spillOver), (.gatewayAllow, list(allow)),
            (.gatewayDeny, list(deny)), (.gatewayHostRegions, list(hostRegion)), (.gatewayRegions, list(region)),
            (.gatewayPriceMax, priceMax))
    }
}

extension RoutingPolicy {
    /// Hosts that a session's group may be drawn from, as the ledger bounds it.
    private static let hostsMax = 64

    /// The gateway's own policy.
    ///
    /// - Throws: `OperatorError` where a value is none.
    init(_ settings: Settings) throws {
        try self.init(settings, policy: nil, within: RoutingPolicy())
        for pair in try settings.list(.gatewayHostRegions) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[1].isEmpty else {
                throw OperatorError("\(pair.debugDescription) names no host and region; write gonka1…=eu.")
            }
            regions[try Self.host(String(parts[0]), .gatewayHostRegions)] = String(parts[1])
        }
    }

    /// What a table of the file says, where one is named, else what the gateway's settings do.
    ///
    /// - Parameter gateway: what counts for its own hosts, and where nothing is said of their load.
    /// - Throws: `OperatorError` where a value is none.
    init(_ settings: Settings, policy: String?, within gateway: RoutingPolicy) throws {
        self.init()
        func hosts(_ setting: Setting) throws -> Set<Address> { try Self.hosts(setting.inPolicy(policy), settings) }
        own = try hosts(.gatewayOwn)
        if policy != nil, let stranger = own.subtracting(gateway.own).min() {
            throw OperatorError(
                "\(Setting.gatewayOwn.inPolicy(policy).key) has \(stranger.bech32), which is not among \(Setting.gatewayOwn.key)."
            )
        }
        let load = Setting.gatewaySpillOver.inPolicy(policy)
        spillOver = settings.value(load) == nil ? gateway.spillOver : try settings.number(load)
        // An empty list might mean nobody as well as everybody.
        for setting in [Setting.gatewayAllow, .gatewayRegions].map({ $0.inPolicy(policy) }) where policy != nil {
            guard try settings.value(setting) == nil || !settings.list(setting).isEmpty else {
                throw OperatorError("\(setting.key) is empty; leave it out where it limits nothing.")
            }
        }
        let others = try hosts(.gatewayAllow)
        allowed = others.isEmpty ? nil : others
        denied = try hosts(.gatewayDeny)
        let wanted = Set(try settings.listIfGiven(.gatewayRegions.inPolicy(policy)))
        allowedRegions = wanted.isEmpty ? nil : wanted
        let price = settings.value(.gatewayPriceMax.inPolicy(policy))?.text ?? ""
        priceMax = price.isEmpty ? nil : try AmountText.parse(price)
    }

    private static func hosts(_ setting: Setting, _ settings: Settings) throws -> Set<Address> {
        let hosts = Set(try settings.listIfGiven(setting).map { try host($0, setting) })
        guard hosts.count <= hostsMax else {
            throw OperatorError("\(setting.key) names \(hosts.count) hosts; \(hostsMax) are the most.")
        }
        return hosts
    }

    private static func host(_ text: String, _ setting: Setting) throws -> Address {
        guard let host = Address(bech32: text) else {
            throw OperatorError("\(setting.key) has \(text.debugDescription), which is no address; write gonka1….")
        }
        return host
    }
}

extension Settings {
    fileprivate func listIfGiven(_ setting: Setting) throws -> [String] {
        value(setting) == nil ? [] : try list(setting)
    }
}
