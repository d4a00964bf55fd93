import AsyncHTTPClient
import Cryptography
import FaultyLink
import NIOCore
import NIOHTTP1
import Primitives
import Testing

@testable import Gateway

/// A gateway with three honest hosts over sockets, of which the first is behind a link that does what a test tells it.
///
/// Requests go to the first host first, and come back to it when the others have earned as much.
struct LinkedHosts: Sendable {
    let gateway: TestGateway
    let hosts: [SocketHost]
    let link: FaultyLink

    /// Short limits for the host behind the link alone: the others may be as slow as this machine makes them.
    private struct Transports: HostTransport {
        let url: String
        let faulty: HTTPHostTransport
        let others = HTTPHostTransport()

        func send(_ request: HostRequest) async throws -> HTTPClientResponse {
            try await (request.url == url ? faulty : others).send(request)
        }

        func close() async throws {
            try await faulty.close()
            try await others.close()
        }
    }

    /// Runs `body`, with a link whose first exchanges have these faults.
    ///
    /// - Parameter limits: for the connections of the host behind the link.
    static func run(
        _ faults: LinkFault..., limits: AnswerLimits = AnswerLimits(), deposit: Amount = Amount(30_000),
        _ body: @Sendable (LinkedHosts) async throws -> Void
    ) async throws {
        let hosts = Fixtures.hosts.map { SocketHost($0) }
        try await SocketHost.run(hosts) { urls in
            try await FaultyLink.to(urls[0]) { link in
                link.next(faults)
                let ledger = MemoryLedger()
                await ledger.setHosts(at: [link.url] + urls.dropFirst())
                let transport = Transports(url: link.url, faulty: HTTPHostTransport(limits: limits))
                do {
                    try await TestGateway.run(transport, ledger: ledger, deposit: deposit, limits: limits) { gateway in
                        try await body(LinkedHosts(gateway: gateway, hosts: hosts, link: link))
                    }
                } catch {
                    try await transport.close()
                    throw error
                }
                try await transport.close()
            }
        }
    }

    /// Asks, and returns when the book is closed.
    ///
    /// - Parameter host: the only one that may answer.
    func ask(streams: Bool = false, of host: Int? = nil) async throws -> TestGateway.Answer {
        let headers = host.map { ["x-gonka-host": Fixtures.hosts[$0].address.bech32] } ?? [:]
        let answer = try await gateway.send(
            gateway.request(body: Fixtures.body(streams: streams), headers: headers))
        await gateway.settled()
        return answer
    }

    /// Asks for a stream, and lets go what the link holds when the first token has come.
    func askReleasing() async throws -> TestGateway.Answer {
        let response = try await HTTPClient.shared.execute(
            gateway.request(body: Fixtures.body(streams: true)), timeout: .seconds(30))
        var body = ""
        for try await piece in response.body {
            let hadBegun = body.contains("Good ")
            body += String(buffer: piece)
            if !hadBegun, body.contains("Good ") { link.release() }
        }
        await gateway.settled()
        return TestGateway.Answer(status: Int(response.status.code), headers: response.headers, body: body)
    }

    /// What the book holds of a host: what it may claim at most.
    func booked(_ host: Int) async throws -> Amount {
        let account = try #require(await gateway.pool.account(Fixtures.hosts[host]))
        #expect(account.openRequests == 0)
        return account.fees
    }

    /// Failures in a row of the first host; a suspicion counts as one.
    func failures() async -> Int {
        let key = HostBoard.Key(host: Fixtures.hosts[0].address, model: Fixtures.model)
        guard let standing = await gateway.pool.board[key]?.standing, standing.lastFault != nil else { return 0 }
        return max(1, standing.failures)
    }
}

extension TestGateway.Answer {
    /// Whether it is one whole answer of this host.
    func isWhole(from host: Int, streams: Bool) -> Bool {
        let text =
            streams
            ? body.hasSuffix("data: [DONE]\n\n") && body.contains(#""content":"Good ""#)
                && body.components(separated: #""finish_reason":"stop""#) == 2
            : body.contains(#""content":"Good day""#)
        return status == 200 && text && headers.first(name: "x-gonka-host") == Fixtures.hosts[host].address.bech32
    }

    /// Whether it began, and ended with an error in place of what was missing.
    var isBrokenStream: Bool {
        let events = body.split(separator: "\n\n")
        return status == 200 && body.contains("Good ") && !body.contains("[DONE]")
            && events.last?.hasPrefix(#"data: {"error":"#) == true
    }
}

extension String {
    /// How many parts a text parts it into.
    fileprivate func components(separated separator: String) -> Int {
        split(separator: separator, omittingEmptySubsequences: false).count
    }
}
