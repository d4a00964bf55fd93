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

    /// - Throws: `OperatorError` where a value is none.
    init(_ settings: Settings) throws {
        self.init()
        own = try Self.hosts(.gatewayOwn, settings)
        spillOver = try settings.number(.gatewaySpillOver)
        let others = try Self.hosts(.gatewayAllow, settings)
        allowed = others.isEmpty ? nil : others
        denied = try Self.hosts(.gatewayDeny, settings)
        for pair in try settings.list(.gatewayHostRegions) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[1].isEmpty else {
                throw OperatorError("\(pair.debugDescription) names no host and region; write gonka1…=eu.")
            }
            regions[try Self.host(String(parts[0]), .gatewayHostRegions)] = String(parts[1])
        }
        let wanted = Set(try settings.list(.gatewayRegions))
        allowedRegions = wanted.isEmpty ? nil : wanted
        let price = try settings.text(.gatewayPriceMax)
        priceMax = price.isEmpty ? nil : try AmountText.parse(price)
    }

    private static func hosts(_ setting: Setting, _ settings: Settings) throws -> Set<Address> {
        let hosts = Set(try settings.list(setting).map { try host($0, setting) })
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
