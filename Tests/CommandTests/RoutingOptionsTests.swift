import ArgumentParser
import Cryptography
import Foundation
import Gateway
import HostRoles
import Primitives
import Testing
import WireFormat

@testable import gonka

/// A gateway's routing policy from its settings, and a request's way as a table.
@Suite struct RoutingOptionsTests {
    private func policy(_ flags: [Setting: String]) async throws -> RoutingPolicy {
        try RoutingPolicy(try await Settings(home: Home("/nowhere"), flags: flags, environment: [:]))
    }

    private func address(_ byte: UInt8) throws -> Address {
        try #require(Address(Bytes(repeating: byte, count: Address.length)))
    }

    @Test func withoutSettingsAllHostsMayBeAsked() async throws {
        #expect(try await policy([:]) == RoutingPolicy())
    }

    @Test func everySettingHasItsPlace() async throws {
        let (one, two) = (try address(1), try address(2))
        var expected = RoutingPolicy()
        expected.own = [one]
        expected.spillOver = 3
        expected.allowed = [one, two]
        expected.denied = [two]
        expected.regions = [two: "eu=west"]
        expected.allowedRegions = ["eu", "us"]
        expected.priceMax = Amount(10_000_000)
        let given = try await policy([
            .gatewayOwn: one.bech32, .gatewaySpillOver: "3", .gatewayAllow: "\(one.bech32),\(two.bech32)",
            .gatewayDeny: two.bech32, .gatewayHostRegions: "\(two.bech32)=eu=west", .gatewayRegions: "eu,us",
            .gatewayPriceMax: "0.01GNK",
        ])
        #expect(given == expected)
    }

    @Test(arguments: [
        (Setting.gatewayOwn, "gonka1no"), (.gatewayHostRegions, "eu"), (.gatewayHostRegions, "gonka1no=eu"),
        (.gatewayPriceMax, "cheap"),
    ])
    func whatIsNoneIsRefused(setting: Setting, text: String) async throws {
        await #expect(throws: OperatorError.self) { try await policy([setting: text]) }
    }

    @Test func moreHostsThanAGroupHoldsAreRefused() async throws {
        let hosts = try (0...64).map { try address(UInt8($0)).bech32 }.joined(separator: ",")
        await #expect(throws: OperatorError.self) { try await policy([.gatewayAllow: hosts]) }
    }

    @Test func aHostSellsWhatItsSettingsSay() async throws {
        func terms(_ flags: [Setting: String]) async throws -> SellingTerms {
            try SellingTerms(try await Settings(home: Home("/nowhere"), flags: flags, environment: [:]))
        }
        #expect(try await terms([:]) == SellingTerms())
        var expected = SellingTerms()
        expected.owners = [try address(1)]
        expected.keptFreePercent = 25
        expected.hours = SellingTerms.Hours(from: 20, until: 6)
        #expect(
            try await terms([
                .hostOwners: try address(1).bech32, .hostKeptFree: "25", .hostSellingHours: "20-6",
            ]) == expected)
        for hours in ["20", "20-", "6-6", "1-2-3", "0-25"] {
            await #expect(throws: OperatorError.self) { try await terms([.hostSellingHours: hours]) }
        }
        await #expect(throws: OperatorError.self) { try await terms([.hostOwners: "me"]) }
    }

    @Test func aWayIsATable() throws {
        let route: JSONValue = [
            "id": "rt_1", "model": "m", "policy": "eu-only", "prompt_size": "short", "request_id": .null,
            "answer_id": "chatcmpl-1",
            "outcome": "answered", "duration_ms": .number(UInt64(12)),
            "attempts": [
                [
                    "host": "gonka1a", "session": .number(UInt64(1)), "reason": "fastest", "hedge": false,
                    "started_after_ms": .number(UInt64(0)), "first_token_after_ms": .null, "outcome": "timed_out",
                    "candidates": [
                        [
                            "host": "gonka1a", "health": "clean", "expected_ms": .number(UInt64(20)),
                            "open_requests": .number(UInt64(0)), "own": true, "reason": "fastest",
                        ]
                    ], "left_out": [["host": "gonka1b", "session": .number(UInt64(1)), "reason": "price"]],
                    "not_shown": .number(UInt64(4)),
                ]
            ],
        ]
        let text = RouteText(route).text
        #expect(text.contains("outcome  answered after 12 ms"))
        #expect(text.contains("policy   eu-only"))
        #expect(text.contains("decision 1, 4 hosts not shown"))
        #expect(text.split(separator: "\n").contains { $0.contains("gonka1a") && $0.contains("timed_out") })
        #expect(text.split(separator: "\n").contains { $0.contains("gonka1b") && $0.contains("left out") })
    }
}
