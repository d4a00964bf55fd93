import Cryptography
import Logging
import NIOCore
import NIOHTTP1
import OpenAIWire
import Primitives
import Testing
import WireFormat

@testable import Gateway

/// Hosts that say that a request is at fault, which the gateway itself has checked. In a fresh pool host 1 is asked first,
/// then 2, then 3.
@Suite(.timeLimit(.minutes(1))) struct HostClaimTests {
    private let pool = SessionPool.test()

    private func relay(_ hosts: ScriptedHosts) -> Relay {
        Relay(pool: pool, transport: hosts, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// A refusal as a host would write it.
    private static func refusal(_ code: OpenAIErrorCode, param: String? = nil) -> OpenAIError {
        let error: JSONValue = [
            "message": "so it says", "code": .string(code.rawValue), "param": param.map { .string($0) } ?? .null,
        ]
        guard let refusal = OpenAIError.parse(["error": error]) else { preconditionFailure("\(code) is known") }
        return refusal
    }

    private static func refuse(_ error: OpenAIError) -> ScriptedHosts.Script { { _, _ in .refusing(error) } }

    private static let busy = OpenAIError.rateLimitExceeded(retryAfterSeconds: Limits.retryAfterSeconds)

    /// What only a host can know of a request.
    static let claims = [
        OpenAIError.contextLengthExceeded(contextTokens: 10, requestedTokens: 11),
        refusal(.unsupportedValue, param: "messages[0].role"), refusal(.integerAboveMaximum, param: "n"),
    ]

    /// What the gateway knows as well: it read the same body with the same code.
    static let lies = [
        refusal(.invalidValue, param: "messages"), refusal(.invalidJSON), refusal(.unknownParameter, param: "n"),
        refusal(.integerAboveMaximum, param: "max_tokens"), refusal(.emptyArray, param: "messages"),
        OpenAIError.bodyTooLarge(bytesMax: 1), OpenAIError.unsupportedMediaType, OpenAIError.modelNotFound("x"),
        OpenAIError.unknownURL, OpenAIError.methodNotAllowed("GET"),
    ]

    @Test(arguments: claims + lies, [false, true])
    func whatAnotherHostRefutesCostsTheFirstItsPlace(error: OpenAIError, streams: Bool) async throws {
        let hosts = ScriptedHosts([1: Self.refuse(error), 2: ScriptedHosts.answer, 3: ScriptedHosts.answer])
        for executor in [2, 3, 2] as [UInt8] {
            let answer = try await relay(hosts).answer(try Fixtures.request(streams: streams))
            #expect(answer.host == TestHost(executor).address)
            try await answer.drain()
        }
        #expect(hosts.asked == [1, 2, 3, 2].map { TestHost($0).url })
        #expect(await pool.account(TestHost(1))?.fees == .zero)
        #expect(await pool.openRequests == 0)
    }

    @Test(arguments: claims, [false, true])
    func whatTwoHostsSayIsBelieved(error: OpenAIError, streams: Bool) async throws {
        let hosts = ScriptedHosts([1: Self.refuse(error), 2: Self.refuse(error), 3: ScriptedHosts.answer])
        let request = try Fixtures.request(streams: streams)
        for _ in 0..<2 { await #expect(throws: error) { try await relay(hosts).answer(request) } }
        #expect(hosts.asked == [1, 2, 1, 2].map { TestHost($0).url }, "it counts against neither")
        #expect(await pool.openRequests == 0)
    }

    @Test(arguments: lies) func whatTheGatewayKnowsBetterIsNeverBelieved(error: OpenAIError) async throws {
        let hosts = ScriptedHosts([1: Self.refuse(error), 2: Self.refuse(error), 3: Self.refuse(error)])
        let request = try Fixtures.request()
        await #expect(throws: OpenAIError.noHostAvailable) { try await relay(hosts).answer(request) }
    }

    @Test func claimsThatDifferConfirmNothing() async throws {
        let hosts = ScriptedHosts([
            1: Self.refuse(Self.claims[0]), 2: Self.refuse(Self.claims[1]), 3: ScriptedHosts.answer,
        ])
        #expect(try await relay(hosts).answer(try Fixtures.request()).host == TestHost(3).address)
    }

    @Test func aClaimIsToldWhereNobodyElseCanBeAsked() async throws {
        let hosts = ScriptedHosts([1: Self.refuse(Self.claims[0])])
        let request = try Fixtures.request()
        await #expect(throws: Self.claims[0]) { try await relay(hosts).answer(request) }
        #expect(hosts.requests.count == 3)
    }

    @Test func busyHostsAreWaitedForBeforeAClaimIsBelieved() async throws {
        let busy = Self.refuse(Self.busy)
        let hosts = ScriptedHosts([1: Self.refuse(Self.claims[0]), 2: busy, 3: busy])
        let request = try Fixtures.request()
        await #expect(throws: Self.busy) { try await relay(hosts).answer(request) }
    }
}
