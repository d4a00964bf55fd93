import AsyncHTTPClient
import Cryptography
import HTTPEdge
import LedgerClient
import Logging
import Messages
import NIOCore
import NIOHTTP1
import OpenAIWire
import OrderingAPI
import Primitives
import ProtocolRules
import ServiceLifecycle
import StubEngine
import TestSupport
import Testing

@testable import Gateway
@testable import HostRoles
@testable import HostServer

/// Hosts, a gateway and the ledger as they are, over loopback.
@Suite("Misses, end to end", .timeLimit(.minutes(3))) struct MissNetworkTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Three hosts of a ledger that reach each other over HTTP.
    static func network(
        _ body: (InMemoryLedger, [HostScene]) async throws -> Void
    ) async throws {
        var plan = TestLedgerPlan()
        plan.parameters.chain.epochBlocks = 300
        plan.parameters.rounds.servingWorkBlocks = 100
        let ledger = try InMemoryLedger(plan)
        let forwarder = HTTPRequestForwarder(wait: .seconds(5))
        var hosts: [HostScene] = []
        await ledger.drawAtOnce()
        try await ledger.run { try $0.advance(to: 1) }
        for number in 0..<3 {
            hosts.append(try await HostScene(ledger: ledger, host: number, forwarder: forwarder))
        }
        try await body(ledger, hosts)
        try await forwarder.close()
    }

    static func move(_ host: Int, to url: String, on ledger: InMemoryLedger) async throws {
        try await ledger.run { ledger in
            let account = ledger.hosts[host]
            let result = try ledger.run(
                MsgUpdateHost(host: account.address, url: url, models: [ledger.model]), by: account.account)
            try #require(result.isAccepted)
        }
    }

    /// A running gateway.
    struct Running: Sendable {
        let service: GatewayService
        let port: Int
        let key: String

        func ask(_ host: Address? = nil) async throws -> (status: UInt, host: String?) {
            var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/v1/chat/completions")
            request.method = .POST
            request.headers = ["authorization": "Bearer \(key)", "content-type": "application/json"]
            if let host { request.headers.add(name: "x-gonka-host", value: host.bech32) }
            request.body = .bytes(ByteBuffer(string: HostScene.question))
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
            _ = try await response.body.collect(upTo: 1 << 20)
            return (response.status.code, response.headers.first(name: "x-gonka-host"))
        }
    }

    /// Runs a gateway with a session that the hosts know of.
    static func gateway(
        _ ledger: InMemoryLedger, _ hosts: [HostScene], _ body: @escaping @Sendable (Running) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let payer = await ledger.run { $0.accounts[0] }
        var keys = try APIKeys(path: folder.path + "/api-keys.json")
        let key = try keys.create(name: "test", isDevnet: true)
        let (ports, port) = AsyncStream<Int>.makeStream()
        let service = GatewayService(
            GatewayConfiguration(
                address: EdgeServer.Address(port: 0), directory: folder.path, payer: payer.key, sessionKey: payer.key,
                terms: SessionTerms(deposit: Amount(3 * Amount.ngonkaPerGNK)), models: ["test-model"], keys: keys),
            ledger: ledger, logger: logger
        ) { port.yield($0) }
        let group = ServiceGroup(services: [service], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask {
                for await bound in ports {
                    try await service.openSessions()
                    for host in hosts { try await host.view.refresh() }
                    try await body(Running(service: service, port: bound, key: key))
                    break
                }
                await group.triggerGracefulShutdown()
            }
            try await tasks.waitForAll()
        }
    }

    /// Waits for what happens beside requests; the time limit ends it.
    static func wait(until condition: @Sendable () async throws -> Bool) async throws {
        while try await !condition() {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    /// The misses of all hosts in the first session.
    private static func misses(_ ledger: InMemoryLedger) async throws -> [Int] {
        var counts: [Int] = []
        for host in await ledger.run({ $0.hosts }) {
            counts.append(try await ledger.misses(of: host.address, in: 1).elements.count)
        }
        return counts
    }

    @Test("A stopped executor costs its client nothing but the change to another, and is counted by the ledger")
    func stopped() async throws {
        try await Self.network { ledger, hosts in
            try await ServerTests.serving(hosts[1]) { second in
                try await ServerTests.serving(hosts[2]) { third in
                    // Nobody listens on port 1.
                    for (host, url) in ["http://127.0.0.1:1", second.url, third.url].enumerated() {
                        try await Self.move(host, to: url, on: ledger)
                    }
                    let stopped = hosts[0].identity.address
                    try await Self.gateway(ledger, hosts) { gateway in
                        // The group's order decides who is asked first; the stopped one is asked at least once in three.
                        for _ in 0..<3 {
                            let answer = try await gateway.ask()
                            #expect(answer.status == 200 && answer.host != stopped.bech32)
                        }
                        try await Self.wait { try await Self.misses(ledger)[0] > 0 }
                        let tally = await gateway.service.misses.tally
                        #expect((tally.asked, tally.agreed, tally.refuted) == (1, 1, 0))
                    }
                }
            }
            #expect(try await Self.misses(ledger) == [1, 0, 0])
        }
    }

    @Test("An executor that answers witnesses is never accused, is asked again, and is paid for what it wrote alone")
    func alive() async throws {
        try await Self.network { ledger, hosts in
            try await ServerTests.serving(hosts[0]) { first in
                try await ServerTests.serving(hosts[1]) { second in
                    try await ServerTests.serving(hosts[2]) { third in
                        for (host, url) in [first.url, second.url, third.url].enumerated() {
                            try await Self.move(host, to: url, on: ledger)
                        }
                        let address = hosts[0].identity.address
                        let executor = hosts[0]
                        try await Self.gateway(ledger, hosts) { gateway in
                            let pool = gateway.service.pool
                            let body = Bytes(HostScene.question.utf8)
                            let request = RelayRequest(
                                try ChatCompletionRequest.parse(body), body: body, host: address)
                            // As if the connection had failed before anything was sent.
                            let engagement = try await pool.engage(request, excluding: [])
                            await pool.release(engagement, fee: .zero, conduct: .failed)
                            gateway.service.misses.queue.offer(
                                UnansweredRequest(request: request, engagement: engagement, wasFree: true))
                            try await Self.wait { await gateway.service.misses.tally.refuted > 0 }
                            try await Self.wait { await pool.openRequests == 0 }
                            let item = try #require(try await executor.store.item(1, number: 1))
                            let fee = try #require(item.item.serving?.fee)
                            try await Self.wait { await pool.chain?.book[engagement.key]?.fees == fee }
                            let answer = try await gateway.ask(address)
                            #expect(answer.status == 200, "the next voucher covers what is owed")
                        }
                    }
                }
            }
            #expect(try await Self.misses(ledger) == [0, 0, 0])
        }
    }
}
