import ArgumentParser
import Cryptography
import Foundation
import Gateway
import HTTPEdge
import Primitives
import Testing
import WireFormat

@testable import gonka

/// What a person says of a gateway's front and of its keys, and what becomes of it.
@Suite struct GatewayFrontTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gonka-\(UUID().uuidString)")
        .path

    private func front(_ flags: [String] = [], isDevnet: Bool = false) async throws -> GatewayFront {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let options = try GatewayFrontOptions.parse(flags)
        return try await Settings(home: Home(folder), flags: options.flags, environment: [:])
            .gatewayFront(directory: folder, isDevnet: isDevnet)
    }

    @Test func nothingIsOpenUntilSomebodySaysSo() async throws {
        let front = try await front()
        #expect(front.signedRequests == SignedRequests(mode: .listed))
        #expect(front.corsOrigins == .listed([]))
        #expect(front.accessLog == nil && front.admin == nil && front.publicURL == nil)
    }

    @Test func aDevnetTakesAnyAddressUnlessItIsTold() async throws {
        #expect(try await front(isDevnet: true).signedRequests.mode == .any)
        #expect(try await front(["--signed-requests", "listed"], isDevnet: true).signedRequests.mode == .listed)
        #expect(try await front(["--signed-requests", "off"], isDevnet: true).signedRequests.mode == .off)
    }

    @Test func flagsSayWhatHolds() async throws {
        let agent = "gonka1l3e9pgs3mmwuwrh95fecme0s0qtn2880el49wm"
        let front = try await front([
            "--signed-requests", "any", "--signed-budget", "2.5GNK", "--transfer-agent", agent,
            "--public-url", "https://gateway.example/", "--cors-origin", "https://a.example",
            "--cors-origin", "https://b.example", "--access-log", "access.log", "--admin-port", "8081",
        ])
        #expect(
            front.signedRequests
                == SignedRequests(
                    mode: .any, transferAgent: Address(bech32: agent), dayBudget: Amount(2_500_000_000)))
        #expect(front.publicURL == "https://gateway.example")
        #expect(front.corsOrigins == .listed(["https://a.example", "https://b.example"]))
        #expect(front.accessLog == .file("access.log"))
        #expect(front.admin?.address.description == "127.0.0.1:8081")
        #expect(front.admin?.token.text.utf8.count == 64)
        #expect(try await self.front(["--access-log", "on"]).accessLog == .standardError)
    }

    @Test(arguments: [
        ["--transfer-agent", "gonka1x"], ["--public-url", "gateway.example"], ["--cors-origin", "a.example"],
        ["--signed-budget", "much"], ["--signed-requests", "some"],
    ]) func whatCannotBeIsSaid(flags: [String]) async throws {
        await #expect(throws: OperatorError.self) { try await front(flags) }
    }

    @Test func termsOfAKey() throws {
        let options = try KeyTermOptions.parse([
            "--budget-day", "2GNK", "--budget-total", "none", "--requests-per-minute", "60", "--model", "a",
            "--model", "b", "--expires", "2027-01-31", "--policy", "own", "--disable-use",
        ])
        let expected = KeyTerms(
            dayBudget: Amount(2_000_000_000), requestsPerMinute: 60, models: ["a", "b"], expiry: 1_801_353_600,
            policy: "own", isDisabled: true)
        #expect(try options.applied(to: KeyTerms(totalBudget: Amount(1))) == expected)
        let none = try KeyTermOptions.parse([
            "--model", "none", "--expires", "none", "--policy", "none", "--enable-use",
        ])
        #expect(
            try none.applied(to: expected)
                == KeyTerms(dayBudget: Amount(2_000_000_000), requestsPerMinute: 60))
    }

    @Test(arguments: [
        ["--budget-day", "-1"], ["--requests-per-minute", "0"], ["--tokens-per-minute", "x"],
        ["--expires", "tomorrow"],
        ["--policy", ""],
    ]) func noTerms(flags: [String]) throws {
        #expect(throws: (any Error).self) { try KeyTermOptions.parse(flags).applied(to: KeyTerms()) }
    }

    @Test(arguments: ["api-keys", "gateway"]) func keysAreKeptByEitherCommand(command: String) throws {
        let words = command == "gateway" ? ["gateway", "keys"] : ["api-keys"]
        #expect(try Gonka.parseAsRoot(words + ["create", "web", "--budget-day", "1GNK"]) is KeyCommands.Create)
        #expect(try Gonka.parseAsRoot(words + ["add", "--address", "gonka1x"]) is KeyCommands.Create)
        #expect(try Gonka.parseAsRoot(words + ["change", "web", "--disable-use"]) is KeyCommands.Change)
        #expect(try Gonka.parseAsRoot(words + ["revoke", "web"]) is KeyCommands.Remove)
        #expect(throws: (any Error).self) { try Gonka.parseAsRoot(words + ["create"]) }
    }

    @Test func theGatewayRunsWithoutASubcommand() throws {
        #expect(try Gonka.parseAsRoot(["gateway", "--payer", "x", "--port", "9000"]) is GatewayRunCommand)
        #expect(try Gonka.parseAsRoot(["gateway", "usage", "--csv"]) is UsageCommand)
        #expect(throws: (any Error).self) { try Gonka.parseAsRoot(["gateway", "usage", "--csv", "--json"]) }
        #expect(throws: (any Error).self) { try Gonka.parseAsRoot(["gateway", "usage", "--from", "yesterday"]) }
    }
}
