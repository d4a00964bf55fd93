import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Primitives
import Synchronization
import Testing
import WireFormat

@testable import Gateway

/// Budgets, rates and models of keys at the front.
@Suite(.timeLimit(.minutes(2))) struct KeyLimitsTests {
    private static func code(_ answer: TestGateway.Answer) throws -> String {
        let code = try JSONParser.parse(Bytes(answer.body.utf8))["error"]?["code"]?.string
        return "\(answer.status)" + (code.map { " " + $0 } ?? "")
    }

    /// A request costs 105 at most and 9 in the end.
    @Test func whatWasChargedCountsAndNotWhatWasHeldBack() async throws {
        let terms = KeyTerms(dayBudget: Amount(Fixtures.maximum.ngonka + HonestAnswer.fee.ngonka))
        try await TestGateway.run(ScriptedHosts.honest, terms: terms) { gateway in
            var answers: [String] = []
            for _ in 0..<3 {
                answers.append(try Self.code(try await gateway.send(gateway.request(body: Fixtures.body()))))
            }
            #expect(answers == ["200", "200", "402 insufficient_quota"])
            let spending = try gateway.usage.spending(of: "test")
            #expect(spending.day.ngonka == 2 * HonestAnswer.fee.ngonka)
            #expect(spending.reserved == .zero)
            let lines = try gateway.usage.lines(UsageQuery())
            #expect(lines.map { [$0.usage.requests, $0.usage.fee.ngonka] } == [[2, 2 * HonestAnswer.fee.ngonka]])
            #expect(lines.first?.usage.outputTokens ?? 0 > 0)
        }
    }

    /// Requests that are open together cannot spend more than one after the other.
    @Test func whatIsOpenIsHeldBack() async throws {
        let source = EventSource()
        let hosts = ScriptedHosts([1: { host, request in source.response(try HonestAnswer(host, to: request).events) }])
        let terms = KeyTerms(totalBudget: Amount(2 * Fixtures.maximum.ngonka - 1))
        try await TestGateway.run(hosts, terms: terms) { gateway in
            source.allow(2)
            let first = try await HTTPClient.shared.execute(
                gateway.request(body: Fixtures.body(streams: true)), timeout: .seconds(30))
            #expect(try gateway.usage.spending(of: "test").reserved == Fixtures.maximum)
            let second = try await gateway.send(gateway.request(body: Fixtures.body()))
            #expect(try Self.code(second) == "402 insufficient_quota")
            #expect(second.body.contains("total budget"))
            source.allow(10)
            _ = try await first.body.collect(upTo: 1 << 20)
            await gateway.settled()
            #expect(try gateway.usage.spending(of: "test").total == HonestAnswer.fee)
        }
    }

    /// Else a client could leave before the last token each time, and pay for nothing.
    @Test(arguments: [0, 300]) func whoLeavesPaysTheMost(bytes: Int) async throws {
        let source = EventSource()
        let hosts = ScriptedHosts([1: { host, request in source.response(try HonestAnswer(host, to: request).events) }])
        try await TestGateway.run(hosts) { gateway in
            source.allow(3)
            do {
                let response = try await HTTPClient.shared.execute(
                    gateway.request(body: Fixtures.body(streams: true)), timeout: .seconds(30))
                var read = 0
                var body = response.body.makeAsyncIterator()
                while read < bytes, let piece = try await body.next() { read += piece.readableBytes }
            }
            await gateway.settled()
            while try gateway.usage.spending(of: "test").openRequests > 0 { await Task.yield() }
            #expect(try gateway.usage.spending(of: "test").total == Fixtures.maximum)
        }
        await source.dropped()
    }

    @Test func anAnswerThatNobodyGaveIsFree() async throws {
        let hosts = ScriptedHosts([:])
        try await TestGateway.run(hosts, terms: KeyTerms(dayBudget: Fixtures.maximum)) { gateway in
            for _ in 0..<2 {
                let answer = try await gateway.send(gateway.request(body: Fixtures.body()))
                #expect(answer.status >= 429)
            }
            #expect(try gateway.usage.spending(of: "test").total == .zero)
        }
    }

    @Test func ratesAreToldAsOpenAITellsThem() async throws {
        let time = SetTime(seconds: 1_795_824_000)
        let terms = KeyTerms(requestsPerMinute: 1, tokensPerMinute: 1_000)
        try await TestGateway.run(ScriptedHosts.honest, clock: time.clock, terms: terms) { gateway in
            let first = try await gateway.send(gateway.request(body: Fixtures.body()))
            #expect(first.status == 200)
            #expect(first.headers.first(name: "x-ratelimit-limit-requests") == "1")
            #expect(first.headers.first(name: "x-ratelimit-remaining-requests") == "0")
            #expect(first.headers.first(name: "x-ratelimit-reset-requests") == "60000ms")
            #expect(first.headers.first(name: "x-ratelimit-limit-tokens") == "1000")
            let second = try await gateway.send(gateway.request(body: Fixtures.body()))
            #expect(try Self.code(second) == "429 rate_limit_exceeded")
            #expect(second.headers.first(name: "retry-after") == "60")
            #expect(second.headers.first(name: "x-ratelimit-remaining-requests") == "0")
            time.advance(seconds: 60)
            let third = try await gateway.send(gateway.request(body: Fixtures.body()))
            #expect(third.status == 200)
        }
    }

    @Test(arguments: [
        (KeyTerms(models: ["other"]), "404 model_not_found"), (KeyTerms(models: ["other", "test-model"]), "200"),
        (KeyTerms(isDisabled: true), "401 invalid_api_key"), (KeyTerms(expiry: 1_795_824_000), "401 invalid_api_key"),
        (KeyTerms(expiry: 1_795_824_001), "200"),
    ]) func termsAreKept(terms: KeyTerms, code: String) async throws {
        let time = SetTime(seconds: 1_795_824_000)
        try await TestGateway.run(ScriptedHosts.honest, clock: time.clock, terms: terms) { gateway in
            let answer = try await gateway.send(gateway.request(body: Fixtures.body()))
            #expect(try Self.code(answer) == code)
        }
    }

    /// More requests at once than the budget holds: whatever the order, never more is spent.
    @Test func parallelRequestsCannotOverspend() async throws {
        let budget = Amount(5 * Fixtures.maximum.ngonka)
        let book = try UsageBook(store: MemoryUsage())
        let key = APIKey(
            name: "k", credential: .secret(hash: .zero), isDevnet: true, terms: KeyTerms(totalBudget: budget))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    guard let bill = try? book.open(key, model: "m", maximum: Fixtures.maximum, tokens: 1) else {
                        return
                    }
                    bill.begin()
                    await Task.yield()
                    bill.charge(Fixtures.maximum)
                }
            }
        }
        #expect(try book.spending(of: "k").total == budget)
        #expect(try book.spending(of: "k").openRequests == 0)
    }

    @Test func tooManyAddressesAreRefusedUntilTheNextDay() throws {
        let time = SetTime(seconds: 1_795_824_000)
        let book = try UsageBook(store: MemoryUsage(), clock: time.clock, countMax: 2)
        func open(_ name: String) throws -> Bill {
            let key = APIKey(name: name, credential: .secret(hash: .zero), isDevnet: true, terms: KeyTerms())
            return try book.open(key, model: "m", maximum: Amount(1), tokens: 1)
        }
        for name in ["a", "b", "a"] { try open(name).charge(Amount(1)) }
        #expect { try open("c") } throws: { "\($0)".contains("rateLimitExceeded") }
        time.advance(seconds: 86_400)
        try open("c").charge(Amount(1))
        #expect(try book.spending(of: "c").day == Amount(1))
        // What those spent that made room is not forgotten.
        #expect(try book.spending(of: "a").total == Amount(2))
        try open("a").charge(Amount(1))
        #expect(try book.spending(of: "a").total == Amount(3))
        #expect(try book.spending(of: "a").day == Amount(1))
    }
}
