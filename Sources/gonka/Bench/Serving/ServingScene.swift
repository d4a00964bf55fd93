import AsyncHTTPClient
import HostRoles
import NIOCore
import NIOHTTP1
import Primitives
import WireFormat

/// The three ways to the same answer.
struct ServingScene: Sendable {
    enum SetUp: CaseIterable, Sendable {
        case bare
        case host
        case gateway

        var name: String {
            switch self {
            case .bare: "bare server"
            case .host: "host"
            case .gateway: "gateway, host"
            }
        }
    }

    /// Requests before the clock runs, for each set-up.
    private static let warmUp = 50
    /// Requests whose vouchers are signed together: a small part of the blocks for which a voucher is taken.
    private static let batch = 50

    let network: BenchNetwork
    let barePort: Int
    let payer: DirectPayer
    let client: LoadClient

    static func body(streams: Bool) -> Bytes {
        let question: JSONValue = [
            "model": .string(FixedAnswerEngine.model),
            "messages": [["role": "user", "content": "What does the fox do?"]],
            "max_tokens": .number(Int64(32)), "stream": .boolean(streams),
        ]
        return question.encoded()
    }

    /// What a host answers, for the bare server to answer.
    static func answers(
        of network: BenchNetwork, _ payer: DirectPayer, _ client: LoadClient
    ) async throws -> BareServer.Answers {
        func answer(streams: Bool) async throws -> ByteBuffer {
            let body = body(streams: streams)
            let voucher = try await payer.vouchers(1, for: body)
            let pieces = try await client.body(of: hostRequest(network, body, voucher: voucher[0]))
            return pieces.reduce(into: ByteBuffer()) { $0.writeImmutableBuffer($1) }
        }
        let events = String(buffer: try await answer(streams: true)).split(separator: "\n\n")
        return BareServer.Answers(
            plain: try await answer(streams: false), stream: events.map { ByteBuffer(string: "\($0)\n\n") })
    }

    /// Times each set-up `samples` times in turns, beginning with another one each time.
    ///
    /// - Returns: timings by set-up, in the order of `SetUp.allCases`.
    func interleaved(streams: Bool, samples: Int) async throws -> [[LoadClient.Timing]] {
        var timings = SetUp.allCases.map { _ in [LoadClient.Timing]() }
        for start in stride(from: -Self.warmUp, to: samples, by: Self.batch) {
            let round = start..<min(start + Self.batch, start < 0 ? 0 : samples)
            let requests = try await requests(streams: streams, count: round.count)
            for (place, index) in round.enumerated() {
                for offset in SetUp.allCases.indices {
                    let setUp = (offset + place) % SetUp.allCases.count
                    let timing = try await client.ask(requests[setUp][place])
                    if index >= 0 { timings[setUp].append(timing) }
                }
            }
        }
        return timings
    }

    private func requests(streams: Bool, count: Int) async throws -> [[HTTPClientRequest]] {
        var requests: [[HTTPClientRequest]] = []
        for setUp in SetUp.allCases {
            requests.append(try await self.requests(to: setUp, streams: streams, count: count))
        }
        return requests
    }

    /// Requests that are ready to be sent: the vouchers for a host are signed beforehand.
    func requests(to setUp: SetUp, streams: Bool, count: Int) async throws -> [HTTPClientRequest] {
        let body = Self.body(streams: streams)
        switch setUp {
        case .bare:
            let url = "http://127.0.0.1:\(barePort)/" + (streams ? "stream" : "plain")
            return Array(repeating: Self.post(url, body, [:]), count: count)
        case .host:
            return try await payer.vouchers(count, for: body).map { Self.hostRequest(network, body, voucher: $0) }
        case .gateway:
            let url = network.gatewayURL + "/v1/chat/completions"
            let request = Self.post(url, body, ["authorization": "Bearer \(network.apiKey)"])
            return Array(repeating: request, count: count)
        }
    }

    private static func hostRequest(_ network: BenchNetwork, _ body: Bytes, voucher: String) -> HTTPClientRequest {
        post(network.hostURL + "/v1/chat/completions", body, [VoucherHeader.name: voucher])
    }

    private static func post(_ url: String, _ body: Bytes, _ headers: [String: String]) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        request.body = .bytes(ByteBuffer(bytes: body))
        return request
    }
}
