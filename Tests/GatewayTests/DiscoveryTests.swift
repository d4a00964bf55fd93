import Cryptography
import LedgerClient
import Messages
import NIOHTTP1
import Primitives
import ProtocolRules
import Testing
import WireFormat

@testable import Gateway

/// The public pages, by what the network's clients read of them.
@Suite(.timeLimit(.minutes(2))) struct DiscoveryTests {
    private static func get(_ gateway: TestGateway, _ path: String) async throws -> (status: Int, json: JSONValue) {
        let answer = try await gateway.send(gateway.request(.GET, path, headers: ["authorization": ""]))
        return (answer.status, try JSONParser.parse(Bytes(answer.body.utf8)))
    }

    private static func ledger() async -> MemoryLedger {
        let ledger = MemoryLedger()
        await ledger.setWeight(5, of: TestHost(1))
        await ledger.setWeight(7, of: TestHost(2))
        var barred = TestHost(3).record
        barred.barredUntilEpoch = 1_000
        await ledger.setHost(barred)
        return ledger
    }

    @Test func aClientFindsThisGatewayAndNoOther() async throws {
        try await TestGateway.run(ScriptedHosts.honest, ledger: await Self.ledger()) { gateway in
            let (status, page) = try await Self.get(gateway, "/v1/epochs/current/participants")
            #expect(status == 200)
            let participants = try #require(page["active_participants"]?["participants"]?.array)
            let own = Fixtures.payer.publicKey.address.bech32
            #expect(
                participants.map { $0["index"]?.string } == [
                    own, TestHost(2).address.bech32, TestHost(1).address.bech32,
                ])
            #expect(participants.map { $0["weight"]?.number?.uint64 } == [0, 7, 5])
            #expect(participants.allSatisfy { $0["inference_url"]?.string == "http://127.0.0.1:\(gateway.port)" })
            #expect(participants[0]["models"] == ["test-model"])
            #expect(page["excluded_participants"]?.array?.map { $0["address"]?.string } == [TestHost(3).address.bech32])
            #expect(page["active_participants"]?["epoch_id"]?.number?.uint64 == 1)
            #expect(page["addresses"]?.array?.count == 2)

            let (_, chain) = try await Self.get(gateway, "/chain-api/productscience/inference/inference/params")
            #expect(
                chain["params"]?["transfer_agent_access_params"]?["allowed_transfer_addresses"] == [.string(own)])
        }
    }

    /// Signed by the transfer agent, over the bytes of `data`.
    @Test func theIdentityIsSigned() async throws {
        let time = SetTime(seconds: 1_780_272_000)
        try await TestGateway.run(ScriptedHosts.honest, clock: time.clock) { gateway in
            let (_, page) = try await Self.get(gateway, "/v1/identity")
            let data = try #require(page["data"])
            #expect(data["address"]?.string == Fixtures.payer.publicKey.address.bech32)
            #expect(data["timestamp"]?.string == "2026-06-01T00:00:00Z")
            let bytes = try #require(page["signature"]?.string.flatMap { Base64.decode($0) })
            let signature = try #require(Signature(compact: bytes))
            #expect(Fixtures.payer.publicKey.verify(signature, of: .sha256(data.encoded())))
        }
    }

    @Test(arguments: [
        ("/v1/epochs/0/participants", 400), ("/v1/epochs/x/participants", 400), ("/v1/epochs/-1/participants", 400),
        ("/v1/epochs/1/participants", 200), ("/v1/epochs/2/participants", 404), ("/v1/participants/gonka1x", 404),
        ("/v1/participants/gonka1l3e9pgs3mmwuwrh95fecme0s0qtn2880el49wm", 404), ("/v1/nothing", 404),
    ]) func whatIsNotThere(path: String, status: Int) async throws {
        try await TestGateway.run(ScriptedHosts.honest, ledger: await Self.ledger()) { gateway in
            let answer = try await Self.get(gateway, path)
            #expect(answer.status == status)
            #expect((answer.json["error"]?.object != nil) == (status != 200))
        }
    }

    @Test func anEpochThatIsOverShowsWhatWasProven() async throws {
        let ledger = await Self.ledger()
        let length = ProtocolParameters.devnet.chain.epochBlocks
        await ledger.advance(to: 3 * length)
        await ledger.close(epoch: 2, weights: [(TestHost(1), 40)])
        try await TestGateway.run(ScriptedHosts.honest, ledger: ledger) { gateway in
            let (status, page) = try await Self.get(gateway, "/v1/epochs/2/participants")
            #expect(status == 200)
            let active = try #require(page["active_participants"])
            #expect(active["participants"]?.array?.map { $0["weight"]?.number?.uint64 } == [40])
            #expect(active["effective_block_height"]?.number?.uint64 == length + 1)
            #expect(try await Self.get(gateway, "/v1/epochs/1/participants").status == 404)
        }
    }

    @Test func pricesModelsAndAccountsAreTheLedgers() async throws {
        try await TestGateway.run(ScriptedHosts.honest, ledger: await Self.ledger()) { gateway in
            let (_, prices) = try await Self.get(gateway, "/v1/pricing")
            #expect(prices["models"]?.array?[0]["price_per_token"]?.number?.uint64 == 2)
            #expect(prices["models"]?.array?[0]["output_ngonka_per_billion_tokens"]?.number?.uint64 == 2_000_000_000)
            let (_, models) = try await Self.get(gateway, "/v1/governance/models")
            #expect(models["models"]?.array?.map { $0["id"]?.string } == ["test-model"])
            let own = Fixtures.payer.publicKey.address.bech32
            let (_, account) = try await Self.get(gateway, "/v1/participants/\(own)")
            #expect(account == ["pubkey": "", "balance": 1_000_000, "denom": "ngonka"])
            let (_, list) = try await Self.get(gateway, "/v1/participants")
            #expect(list["participants"]?.array?.map { $0["voting_power"]?.number?.uint64 } == [7, 0, 5])
            let (_, epoch) = try await Self.get(gateway, "/v1/epochs/latest")
            #expect(epoch["latest_epoch"] == ["index": 1, "poc_start_block_height": 1])
            #expect(try await Self.get(gateway, "/v1/status").json == ["status": "ok"])
            #expect(try await Self.get(gateway, "/v1/versions").json["api_version"]?["version"] == "test")
        }
    }

    @Test func anUnreachableLedgerIsSaid() async throws {
        let ledger = MemoryLedger()
        try await TestGateway.run(ScriptedHosts.honest, ledger: ledger) { gateway in
            await ledger.setReachable(false)
            let answer = try await Self.get(gateway, "/v1/epochs/current/participants")
            #expect(answer.status == 503)
            #expect(answer.json["error"]?["code"] == "overloaded")
        }
    }

    /// Anybody may ask, so many askers are one reading.
    @Test func theLedgerIsReadSeldom() async throws {
        let ledger = await Self.ledger()
        let clock = SetClock()
        let directory = NetworkDirectory(ledger: ledger) { clock.now }
        try await withThrowingTaskGroup(of: UInt64.self) { group in
            for _ in 0..<20 { group.addTask { try await directory.current().status.height } }
            for try await height in group { #expect(height == 10) }
        }
        await ledger.advance(to: 11)
        #expect(try await directory.current().status.height == 10)
        clock.advance(by: Limits.networkViewAge)
        #expect(try await directory.current().status.height == 11)
    }

    /// Field numbers as the network's protobuf has them.
    @Test func participantsInProtobuf() {
        let participants = ActiveParticipants(
            participants: [Participant(address: TestHost(1).address, consensusKey: [1], weight: 300, models: ["m"])],
            epoch: 5, startHeight: 9, inferenceURL: "u")
        let text = TestHost(1).address.bech32
        let inner: Bytes =
            [0x0a, UInt8(text.utf8.count)] + Bytes(text.utf8) + [0x12, 4] + Bytes("AQ==".utf8) + [0x18, 0xac, 0x02]
            + [0x22, 1, 0x75, 0x2a, 1, 0x6d]
        #expect(
            participants.bytes
                == [0x0a, UInt8(inner.count)] + inner + [0x10, 5, 0x18, 9, 0x20, 9, 0x28, 9, 0x30, 5])
    }
}

@Suite struct UTCDateTests {
    @Test(arguments: [
        (0 as UInt64, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"),
        (1_709_251_199, "2024-02-29T23:59:59Z"), (1_709_251_200, "2024-03-01T00:00:00Z"),
        (4_107_542_400, "2100-03-01T00:00:00Z"), (1_796_083_445, "2026-12-01T00:04:05Z"),
    ]) func moments(seconds: UInt64, text: String) { #expect(UTCDate.timestamp(seconds: seconds) == text) }

    /// Every day of eight centuries follows the one before.
    @Test func theCalendarHasNoGaps() {
        var last = UTCDate(day: 0)
        for day in 1..<292_194 as Range<UInt64> {
            let next = UTCDate(day: day)
            let isSameMonth = next.monthNumber == last.monthNumber && next.dayOfMonth == last.dayOfMonth + 1
            let isNextMonth = next.monthNumber == last.monthNumber + 1 && next.dayOfMonth == 1 && last.nextMonth == next
            guard isSameMonth || isNextMonth else {
                Issue.record("\(last.text) is followed by \(next.text)")
                return
            }
            last = next
        }
        #expect(last.text == "2769-12-31")
    }
}
