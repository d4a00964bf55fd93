import AsyncHTTPClient
import Cryptography
import Foundation
import HTTPEdge
import Logging
import Messages
import NIOCore
import NIOHTTP1
import Primitives
import ServiceLifecycle
import Testing

@testable import Gateway

/// The whole gateway over real sockets, with hosts that answer honestly and a ledger in memory.
@Suite(.timeLimit(.minutes(2))) struct GatewayServiceTests {
    private static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// A running gateway.
    private struct Running: Sendable {
        let port: Int
        let key: String
        let service: GatewayService

        func ask(streams: Bool) async throws -> (status: UInt, body: String) {
            var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/v1/chat/completions")
            request.method = .POST
            request.headers = ["authorization": "Bearer \(key)", "content-type": "application/json"]
            request.body = .bytes(ByteBuffer(bytes: Fixtures.body(streams: streams)))
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
            return (response.status.code, String(buffer: try await response.body.collect(upTo: 1 << 20)))
        }
    }

    /// Runs a gateway in a service group until `body` has ended, then shuts it down gracefully.
    private func run(
        _ ledger: MemoryLedger, in folder: String, closes: Bool, front: GatewayFront = GatewayFront(),
        _ body: @escaping @Sendable (Running) async throws -> Void
    ) async throws {
        var keys = try APIKeys(path: folder + "/api-keys.json")
        let key = try keys.create(name: "test \(keys.names.count)", isDevnet: true)
        let configuration = GatewayConfiguration(
            address: EdgeServer.Address(port: 0), directory: folder, payer: Fixtures.payer,
            sessionKey: Fixtures.sessionKey, terms: SessionTerms(deposit: Amount(30_000)), models: [Fixtures.model],
            keys: keys, front: front, closesSessionsAtShutdown: closes)
        let (ports, port) = AsyncStream<Int>.makeStream()
        let service = GatewayService(configuration, ledger: ledger, logger: Self.silent) { port.yield($0) }
        let group = ServiceGroup(services: [service], logger: Self.silent)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask {
                for await bound in ports {
                    try await service.openSessions()
                    try await body(Running(port: bound, key: key, service: service))
                    break
                }
                await group.triggerGracefulShutdown()
            }
            try await tasks.waitForAll()
        }
    }

    private func ledger(urls: [String]) async -> MemoryLedger {
        let ledger = MemoryLedger()
        await ledger.setHosts(at: urls)
        return ledger
    }

    @Test func answersAreServedAndPaidAcrossAStop() async throws {
        let folder = try ScratchFolder()
        let path = folder.path
        let hosts = Fixtures.hosts.map { SocketHost($0) }
        try await SocketHost.run(hosts) { urls in
            let ledger = await ledger(urls: urls)
            for isLast in [false, true] {
                try await run(ledger, in: path, closes: isLast) { gateway in
                    for streams in [false, true, false] {
                        let answer = try await gateway.ask(streams: streams)
                        #expect(answer.status == 200)
                        #expect(answer.body.contains(streams ? "[DONE]" : #""content":"Good day""#))
                    }
                    #expect(await gateway.service.obstacles().isEmpty)
                }
                #expect(await ledger.closedSessions == (isLast ? [1] : []))
            }
            #expect(await ledger.openedSessions == [1], "the second start goes on with the session of the first")
        }
        #expect(hosts.map(\.answers) == [2, 2, 2])
    }

    /// With all its doors open: what was answered last is in the sums and in the log, and the next start goes on with them.
    @Test func whatWasUsedAndLoggedIsWrittenDownAtAStop() async throws {
        let folder = try ScratchFolder()
        let (path, log) = (folder.path, folder("access.log"))
        let front = GatewayFront(
            accessLog: .file(log), admin: AdminDoor(address: EdgeServer.Address(port: 0), token: .random()))
        try await SocketHost.run(Fixtures.hosts.map { SocketHost($0) }) { urls in
            let ledger = await ledger(urls: urls)
            for count in 1...2 as ClosedRange<UInt64> {
                try await run(ledger, in: path, closes: false, front: front) { gateway in
                    for streams in [false, true] {
                        let answer = try await gateway.ask(streams: streams)
                        #expect(answer.status == 200)
                    }
                }
                let lines = try UsageFile(path: path + "/usage.sqlite").lines(UsageQuery())
                #expect(lines.reduce(0) { $0 + $1.usage.requests } == 2 * count)
                #expect(lines.reduce(0) { $0 + $1.usage.fee.ngonka } == 2 * count * HonestAnswer.fee.ngonka)
                let logged = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
                #expect(logged.count == 2 * Int(count))
                #expect(logged.allSatisfy { $0.contains(#""fee_ngonka":\#(HonestAnswer.fee.ngonka)"#) })
            }
        }
    }

    @Test func aGatewayWhoseBookIsGoneServesUnderANewSession() async throws {
        let folder = try ScratchFolder()
        let path = folder.path
        try await SocketHost.run(Fixtures.hosts.map { SocketHost($0) }) { urls in
            let ledger = await ledger(urls: urls)
            for _ in 0..<2 {
                try await run(ledger, in: path, closes: false) { gateway in
                    let answer = try await gateway.ask(streams: false)
                    #expect(answer.status == 200)
                }
                try FileManager.default.removeItem(atPath: "\(path)/vouchers-\(Fixtures.chainID).json")
            }
            #expect(await ledger.openedSessions == [1, 2])
            #expect(await ledger.closedSessions == [1])
        }
    }

    @Test func aHostThatIsGoneIsPassedOver() async throws {
        let folder = try ScratchFolder()
        let path = folder.path
        let hosts = Fixtures.hosts.dropFirst().map { SocketHost($0) }
        try await SocketHost.run(hosts) { urls in
            // Nobody listens on port 1.
            let ledger = await ledger(urls: ["http://127.0.0.1:1"] + urls)
            try await run(ledger, in: path, closes: false) { gateway in
                for streams in [true, false] {
                    let answer = try await gateway.ask(streams: streams)
                    #expect(answer.status == 200)
                }
            }
        }
        #expect(hosts.map(\.answers) == [1, 1])
    }

    @Test func keysComeAndGoWhileItRuns() async throws {
        let folder = try ScratchFolder()
        let path = folder.path
        let ledger = await ledger(urls: ["http://127.0.0.1:1"])
        try await run(ledger, in: path, closes: false) { gateway in
            var keys = try APIKeys(path: path + "/api-keys.json")
            let second = try keys.create(name: "second", isDevnet: true)
            for name in keys.names where name != "second" { _ = try keys.remove(name: name) }
            let other = Running(port: gateway.port, key: second, service: gateway.service)
            while try await other.ask(streams: false).status == 401 {}
            let refused = try await gateway.ask(streams: false)
            #expect(refused.status == 401)
        }
    }

    @Test func closingByOrderRefundsAndOpeningServesAgain() async throws {
        let folder = try ScratchFolder()
        let path = folder.path
        try await SocketHost.run(Fixtures.hosts.map { SocketHost($0) }) { urls in
            let ledger = await ledger(urls: urls)
            try await run(ledger, in: path, closes: false) { gateway in
                #expect(try await gateway.service.closeSessions() == [1])
                let refused = try await gateway.ask(streams: false)
                #expect(refused.status == 503 && refused.body.contains("shutting_down"))
                try await gateway.service.openSessions()
                let served = try await gateway.ask(streams: false)
                #expect(served.status == 200)
            }
            #expect(await ledger.openedSessions == [1, 2])
        }
    }

    @Test func aBookThatCannotBeReadEndsTheGateway() async throws {
        let folder = try ScratchFolder()
        try folder.write("{", to: "vouchers-\(Fixtures.chainID).json")
        let path = folder.path
        let configuration = GatewayConfiguration(
            address: EdgeServer.Address(port: 0), directory: path, payer: Fixtures.payer,
            sessionKey: Fixtures.sessionKey, terms: SessionTerms(deposit: Amount(30_000)), models: [],
            keys: try APIKeys(path: path + "/api-keys.json"))
        await #expect {
            try await GatewayService(configuration, ledger: MemoryLedger(), logger: Self.silent).run()
        } throws: { error in
            guard case .damagedBook = error as? GatewayError else { return false }
            return true
        }
    }
}
