import Cryptography
import NIOHTTP1
import Primitives
import Testing
import WireFormat

@testable import Gateway

/// Signed requests at the front, on a real socket.
@Suite(.timeLimit(.minutes(2))) struct SignedRequestsTests {
    private let time = SetTime(seconds: 1_767_225_600)

    private func run(
        _ mode: SignedRequests.Mode, _ body: @Sendable (TestGateway, SetTime) async throws -> Void
    ) async throws {
        try await TestGateway.run(ScriptedHosts.honest, signed: SignedRequests(mode: mode), clock: time.clock) {
            try await body($0, time)
        }
    }

    @Test func anyAddressAsksWhereAnyMay() async throws {
        try await run(.any) { gateway, time in
            let signed = SignedRequest(timestamp: time.nanoseconds)
            let answer = try await gateway.send(
                gateway.request(body: Fixtures.body(), headers: signed.headers(for: Fixtures.body())))
            #expect(answer.status == 200)
            #expect(answer.body.contains(#""object":"chat.completion""#))
        }
    }

    @Test(arguments: [
        (SignedRequests.Mode.listed, "does not pay for the account"), (.off, "Send the key of this gateway"),
    ])
    func othersAreRefused(mode: SignedRequests.Mode, text: String) async throws {
        try await run(mode) { gateway, time in
            let signed = SignedRequest(timestamp: time.nanoseconds)
            let answer = try await gateway.send(
                gateway.request(body: Fixtures.body(), headers: signed.headers(for: Fixtures.body())))
            #expect(answer.status == 401)
            #expect(answer.body.contains("Incorrect API key provided") && answer.body.contains(text))
        }
    }

    /// The status, and the error's code where there is one.
    private static func status(
        _ gateway: TestGateway, _ headers: [String: String], _ body: Bytes = Fixtures.body()
    ) async throws -> String {
        let answer = try await gateway.send(gateway.request(body: body, headers: headers))
        let code = try JSONParser.parse(Bytes(answer.body.utf8))["error"]?["code"]?.string
        return "\(answer.status)" + (code.map { " " + $0 } ?? "")
    }

    @Test func eachFaultHasItsCodeInOrder() async throws {
        try await run(.any) { gateway, time in
            let body = Fixtures.body()
            let broken = Bytes("{".utf8)
            let now = time.nanoseconds
            let good = SignedRequest(timestamp: now).headers(for: body)
            let cases: [(headers: [String: String], body: Bytes, answer: String)] = [
                (good, Fixtures.body(content: "Other"), "401 invalid_signature"), (good, body, "200"),
                (good, body, "400 request_replayed"),
                (SignedRequest(timestamp: now - 61_000_000_000).headers(for: body), body, "400 timestamp_too_old"),
                (SignedRequest(timestamp: now + 31_000_000_000).headers(for: body), body, "400 timestamp_in_future"),
                (
                    SignedRequest(transferAgent: TestHost(1).address, timestamp: now).headers(for: body), body,
                    "401 invalid_signature"
                ),
                (SignedRequest(timestamp: now).headers(for: broken), broken, "400 invalid_json"),
                (["authorization": "AAAA", "x-requester-address": "x"], body, "401 invalid_signature"),
            ]
            for one in cases {
                let answer = try await Self.status(gateway, one.headers, one.body)
                #expect(answer == one.answer)
            }
        }
    }

    /// Clients put what they like into `Authorization` of a GET.
    @Test func nobodyLooksAtTheSignatureOfAGet() async throws {
        try await run(.listed) { gateway, _ in
            for path in ["/v1/models", "/v1/epochs/current/participants", "/v1/identity", "/v1/status"] {
                let answer = try await gateway.send(
                    gateway.request(.GET, path, headers: ["authorization": "placeholder", "x-timestamp": "x"]))
                #expect(answer.status == 200, "\(path)")
            }
        }
    }
}
