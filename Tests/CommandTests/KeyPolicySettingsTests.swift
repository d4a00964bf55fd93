import Cryptography
import Foundation
import Gateway
import Primitives
import Testing

@testable import gonka

/// Routing policies that keys name, from `config.toml`.
@Suite struct KeyPolicySettingsTests {
    private static func address(_ byte: UInt8) throws -> Address {
        try #require(Address(Bytes(repeating: byte, count: Address.length)))
    }

    /// Both policies of a home whose `config.toml` holds `file`.
    private static func policies(_ file: String) async throws -> (RoutingPolicy, [String: RoutingPolicy]) {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("gonka-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(file.utf8).write(to: URL(fileURLWithPath: path + "/config.toml"))
        let settings = try await Settings(home: Home(path), environment: [:])
        let gateway = try RoutingPolicy(settings)
        return (gateway, try settings.keyPolicies(within: gateway))
    }

    @Test func everyWordHasItsPlace() async throws {
        let (one, two) = (try Self.address(1), try Self.address(2))
        let (gateway, policies) = try await Self.policies(
            """
            [gateway]
            own = ["\(one.bech32)"]
            spill-over = 5
            [gateway.policies.careful]
            own = ["\(one.bech32)"]
            spill-over = 3
            allow = ["\(one.bech32)", "\(two.bech32)"]
            deny = ["\(two.bech32)"]
            regions = ["eu"]
            price-max = "0.01GNK"
            [gateway.policies.as-all]
            """)
        var careful = RoutingPolicy()
        (careful.own, careful.spillOver, careful.allowed, careful.denied) = ([one], 3, [one, two], [two])
        (careful.allowedRegions, careful.priceMax) = (["eu"], Amount(10_000_000))
        var asAll = RoutingPolicy()
        asAll.spillOver = 5
        #expect(policies == ["careful": careful, "as-all": asAll])
        #expect((gateway.own, gateway.spillOver, gateway.denied) == ([one], 5, []))
    }

    @Test func withoutTablesThereAreNone() async throws {
        #expect(try await Self.policies("[gateway]\nspill-over = 5\n").1.isEmpty)
    }

    static let faults: [(file: String, words: String)] = [
        ("[gateway]\npolicies = \"eu\"", "must be tables [gateway.policies.NAME]"),
        ("[gateway.policies]\neu = 1", "gateway.policies.eu is no table"),
        ("[gateway.policies.\"e u\"]", "a policy named \"e u\"; use 1 to 64 letters"),
        ("[gateway.policies.none]", "a policy named \"none\""),
        ("[gateway.policies.eu]\nport = 1", "'gateway.policies.eu.port', which no policy has; use own"),
        ("[gateway.policies.eu]\nhost-regions = []", "'gateway.policies.eu.host-regions', which no policy has"),
        ("[gateway.policies.eu]\ndeny = \"gonka1\"", "gateway.policies.eu.deny is one value; write a list"),
        ("[gateway.policies.eu]\ndeny = [\"gonka1\"]", "gateway.policies.eu.deny has \"gonka1\", which is no address"),
        (
            "[gateway.policies.eu]\nspill-over = 0",
            "gateway.policies.eu.spill-over in config.toml is \"0\"; use a number"
        ),
        ("[gateway.policies.eu]\nprice-max = \"cheap\"", "cheap"),
        ("[gateway.policies.eu]\nallow = []", "gateway.policies.eu.allow is empty; leave it out"),
        ("[gateway.policies.eu]\nregions = [\"\"]", "gateway.policies.eu.regions is empty; leave it out"),
        ("[gateway.policies.eu.more]", "'gateway.policies.eu.more', which no policy has"),
        (
            (0...KeyPolicies.countMax).map { "[gateway.policies.p\($0)]\n" }.joined(),
            "\(KeyPolicies.countMax) at most"
        ),
    ]

    @Test(arguments: faults.indices) func aFaultIsSaidInASentence(index: Int) async throws {
        let (file, words) = Self.faults[index]
        let error = await #expect(throws: (any Error).self) { _ = try await Self.policies(file) }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.contains(words) && !text.contains("\n"), "\(text)")
    }

    /// Own hosts are free of price and allow-list: only the gateway itself can say which are.
    @Test func ownHostsAreAmongTheGateways() async throws {
        let file = "[gateway.policies.eu]\nown = [\"\(try Self.address(1).bech32)\"]"
        let error = await #expect(throws: OperatorError.self) { _ = try await Self.policies(file) }
        #expect(error?.description.contains("which is not among gateway.own") == true)
    }

    @Test func aKeysPolicyIsHeldAgainstThem() async throws {
        let (gateway, named) = try await Self.policies("[gateway.policies.eu]\ndeny = []")
        let policies = KeyPolicies(named, within: gateway)
        try policies.check(KeyTerms())
        try policies.check(KeyTerms(policy: "eu"))
        let error = #expect(throws: GatewayError.self) { try policies.check(KeyTerms(policy: "us")) }
        #expect(error?.description.contains("write [gateway.policies.us] in config.toml") == true)
    }
}
