import Cryptography
import Primitives
import ProtocolRules
import Testing

@testable import Gateway

/// Filter, score and pick, without clock and without hosts.
@Suite struct RoutePlannerTests {
    private static let question = RouteQuestion(contextBytes: 100, outputTokens: 10)

    private static func candidate(_ number: UInt8, _ change: (inout RouteCandidate) -> Void = { _ in })
        -> RouteCandidate
    {
        var candidate = RouteCandidate(
            host: TestHost(number).address, session: 1, place: Int(number), prices: Fixtures.prices,
            available: Amount(1_000), maximum: Amount(100))
        change(&candidate)
        return candidate
    }

    private static func order(
        _ candidates: [RouteCandidate], _ question: RouteQuestion = question, _ policy: RoutingPolicy = RoutingPolicy()
    ) -> [Address] {
        RoutePlanner(policy: policy).decide(question, among: candidates).order.map(\.host)
    }

    private static func hosts(_ numbers: UInt8...) -> [Address] { numbers.map { TestHost($0).address } }

    // MARK: Filter

    struct Exclusion: CustomTestStringConvertible, Sendable {
        let reason: RouteExclusion
        var change: @Sendable (inout RouteCandidate) -> Void = { _ in }
        var ask: @Sendable (inout RouteQuestion) -> Void = { _ in }
        var declare: @Sendable (inout RoutingPolicy) -> Void = { _ in }
        var testDescription: String { reason.rawValue }
    }

    static let exclusions = [
        Exclusion(reason: .tried, ask: { $0.tried = [TestHost(1).address] }),
        Exclusion(reason: .notNamed, ask: { $0.pinned = TestHost(2).address }),
        Exclusion(reason: .denied, declare: { $0.denied = [TestHost(1).address] }),
        Exclusion(reason: .notAllowed, declare: { $0.allowed = [TestHost(2).address] }),
        Exclusion(
            reason: .region,
            declare: {
                $0.regions = [TestHost(1).address: "us", TestHost(2).address: "eu"]
                $0.allowedRegions = ["eu"]
            }),
        Exclusion(
            reason: .region,
            declare: {
                $0.regions = [TestHost(2).address: "eu"]
                $0.allowedRegions = ["eu"]
            }),
        // 1,000 tokens of output cost 2,000 ngonka.
        Exclusion(
            reason: .price,
            declare: {
                $0.priceMax = Amount(1_999)
                $0.own = [TestHost(2).address]
            }),
        Exclusion(reason: .noRoom, change: { $0.available = Amount(99) }),
        Exclusion(reason: .tooLong, change: { $0.contextBytesTooMany = 100 }),
    ]

    @Test(arguments: exclusions) func whoIsLeftOutIsSaidWhy(exclusion: Exclusion) {
        var (question, policy) = (Self.question, RoutingPolicy())
        exclusion.ask(&question)
        exclusion.declare(&policy)
        let decision = RoutePlanner(policy: policy).decide(
            question, among: [Self.candidate(1, exclusion.change), Self.candidate(2)])
        #expect(decision.order.map(\.host) == Self.hosts(2))
        #expect(decision.leftOut.map(\.host) == Self.hosts(1))
        #expect(decision.leftOut.map(\.reason) == [exclusion.reason])
    }

    @Test func boundsThatJustHold() {
        var policy = RoutingPolicy()
        policy.priceMax = Amount(2_000)
        let candidates = [
            Self.candidate(1) { $0.available = $0.maximum }, Self.candidate(2) { $0.contextBytesTooMany = 101 },
        ]
        #expect(Self.order(candidates, Self.question, policy) == Self.hosts(1, 2))
    }

    /// Who finds everything too long is believed as long as there is somebody else; what another session of it costs does not change.
    @Test func aHostThatFindsItTooLongIsAskedByTheSessionThatMayPay() {
        var policy = RoutingPolicy()
        policy.priceMax = Amount(2_000)
        let dear = Self.candidate(1) {
            $0.prices = TokenPrices(
                input: $0.prices.input, cachedInput: $0.prices.cachedInput, output: $0.prices.output * 2)
        }
        let cheap = RouteCandidate(
            host: dear.host, session: 2, place: 2, prices: Fixtures.prices, contextBytesTooMany: 1,
            available: Amount(1_000), maximum: Amount(100))
        let decision = RoutePlanner(policy: policy).decide(Self.question, among: [dear, cheap])
        #expect(decision.order.map(\.session) == [2])
        #expect(decision.leftOut.map(\.reason) == [.price])
    }

    @Test func aHostThatIsNamedMaySayItselfThatItIsTooLong() {
        var question = Self.question
        question.pinned = TestHost(1).address
        let decision = RoutePlanner().decide(
            question, among: [Self.candidate(1) { $0.contextBytesTooMany = 1 }, Self.candidate(2)])
        #expect(decision.order.map(\.reason) == [.named])
    }

    // MARK: Score and pick

    struct Order: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let candidates: [RouteCandidate]
        let expected: [UInt8]
        let reason: RouteReason

        init(_ name: String, _ expected: [UInt8], _ reason: RouteReason, _ candidates: RouteCandidate...) {
            (testDescription, self.expected, self.reason, self.candidates) = (name, expected, reason, candidates)
        }
    }

    static let orders = [
        Order("as drawn", [1, 2, 3], .leastSpent, candidate(1), candidate(2), candidate(3)),
        Order("one alone", [1], .only, candidate(1)),
        Order("least busy", [2, 1], .fastest, candidate(1) { $0.openRequests = 1 }, candidate(2)),
        Order("least spent", [2, 1], .leastSpent, candidate(1) { $0.earned = Amount(5) }, candidate(2)),
        Order(
            "first token", [2, 1], .fastest, candidate(1) { $0.firstToken = .seconds(2) },
            candidate(2) { $0.firstToken = .seconds(1) }),
        Order(
            "rate", [2, 1], .fastest, candidate(1) { $0.interval = .milliseconds(200) },
            candidate(2) { $0.interval = .milliseconds(50) }),
        Order(
            "three waiting at a fast one are as one at a slow one", [2, 1], .fastest,
            candidate(1) { ($0.firstToken, $0.openRequests) = (.seconds(1), 4) },
            candidate(2) { ($0.firstToken, $0.openRequests) = (.seconds(2), 1) }),
        Order(
            "nearly the same is the same", [2, 1], .leastSpent,
            candidate(1) { ($0.firstToken, $0.earned) = (.milliseconds(1_000), Amount(5)) },
            candidate(2) { $0.firstToken = .milliseconds(1_020) }),
        Order(
            "unknown counts as the best", [2, 1, 3], .leastSpent,
            candidate(1) { ($0.firstToken, $0.earned) = (.seconds(1), Amount(5)) }, candidate(2),
            candidate(3) { $0.firstToken = .seconds(2) }),
        Order(
            "by health first", [5, 4, 3, 2, 1], .fastest, candidate(1) { $0.grade = .quarantined },
            candidate(2) { $0.grade = .suspected }, candidate(3) { $0.grade = .busy },
            candidate(4) { $0.grade = .missed }, candidate(5) { $0.openRequests = 9 }),
        Order(
            "all bad: who failed longest ago", [2, 1], .leastBad,
            candidate(1) { ($0.grade, $0.sinceFault) = (.quarantined, .seconds(1)) },
            candidate(2) { ($0.grade, $0.sinceFault, $0.openRequests) = (.quarantined, .seconds(2), 3) }),
        Order(
            "sessions near their end last", [2, 1], .leastSpent, candidate(1) { $0.isSessionSpent = true }, candidate(2)
        ),
    ]

    @Test(arguments: orders) func theOrderIsWhatIsKnown(order: Order) {
        let decision = RoutePlanner().decide(Self.question, among: order.candidates)
        #expect(decision.order.map(\.host) == order.expected.map { TestHost($0).address })
        if order.testDescription != "by health first" { #expect(decision.order.first?.reason == order.reason) }
    }

    @Test func theSameIsDecidedInWhateverOrderTheyCome() {
        var random = SystemRandomNumberGenerator()
        let candidates = (1...20).map { number in
            Self.candidate(number) {
                $0.openRequests = Int(number % 3)
                $0.firstToken = .milliseconds(100 * Int(number % 5))
                $0.grade = HostStanding.Grade.allCases[Int(number) % 5]
            }
        }
        let expected = Self.order(candidates)
        for _ in 0..<20 { #expect(Self.order(candidates.shuffled(using: &random)) == expected) }
    }

    // MARK: Own first

    @Test func ownHostsComeFirstUntilTheyAreBusy() {
        var policy = RoutingPolicy()
        policy.own = [TestHost(3).address]
        policy.spillOver = 2
        func order(open: Int) -> RouteDecision {
            RoutePlanner(policy: policy).decide(
                Self.question,
                among: [
                    Self.candidate(1) { $0.firstToken = .milliseconds(100) },
                    Self.candidate(3) { ($0.firstToken, $0.openRequests) = (.seconds(1), open) },
                ])
        }
        #expect(order(open: 1).order.map(\.host) == Self.hosts(3, 1))
        #expect(order(open: 1).order.first?.reason == .own)
        #expect(order(open: 2).order.map(\.host) == Self.hosts(1, 3))
    }

    // MARK: Affinity

    private static func affine(_ text: String, last: UInt8? = nil) throws -> RouteQuestion {
        var question = question
        question.prefix = try Fixtures.request(content: text + String(repeating: ".", count: 300)).prefix
        question.lastHost = last.map { TestHost($0).address }
        return question
    }

    @Test func theHostThatAnsweredLastIsAskedAgain() throws {
        let decision = RoutePlanner().decide(
            try Self.affine("a", last: 3), among: [1, 2, 3].map { number in Self.candidate(number) })
        #expect(decision.order.first?.host == TestHost(3).address)
        #expect(decision.order.first?.reason == .conversation)
    }

    /// Each beginning has its host, all hosts get some, and without one of them only its own move.
    @Test func beginningsAreSpreadAndStayWhereTheyAre() throws {
        let all = (1...4).map { number in Self.candidate(number) }
        var moved = 0
        var counts: [Address: Int] = [:]
        for text in 0..<200 {
            let question = try Self.affine("\(text)")
            let before = RoutePlanner().decide(question, among: all).order[0]
            let after = RoutePlanner().decide(question, among: Array(all.dropLast())).order[0]
            #expect(before.reason == .prefix)
            counts[before.host, default: 0] += 1
            if before.host == TestHost(4).address { moved += 1 } else { #expect(after.host == before.host) }
        }
        #expect(counts.count == 4 && counts.values.allSatisfy { (25...80).contains($0) }, "\(counts)")
        #expect(moved == counts[TestHost(4).address])
    }

    struct Release: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let change: @Sendable (inout RouteCandidate) -> Void
    }

    static let releases = [
        Release(testDescription: "more than its share") { $0.openRequests = 2 },
        Release(testDescription: "much slower") { $0.firstToken = .seconds(9) },
        Release(testDescription: "not in order") { $0.grade = .suspected },
        Release(testDescription: "full") { $0.available = .zero },
    ]

    @Test(arguments: releases) func affinityGivesWay(release: Release) throws {
        let candidates = [
            Self.candidate(1) { $0.firstToken = .seconds(1) }, Self.candidate(2) { $0.firstToken = .seconds(1) },
            Self.candidate(3, release.change),
        ]
        let decision = RoutePlanner().decide(try Self.affine("a", last: 3), among: candidates)
        #expect(decision.order.first?.host != TestHost(3).address)
    }

    @Test(arguments: [(0, 3, 1), (1, 3, 1), (2, 3, 2), (7, 4, 3), (99, 10, 13), (0, 1, 2)])
    func noHostTakesMoreThanItsShare(open: Int, hosts: Int, most: Int) {
        #expect(RoutePlanner.loadMax(open: open, hosts: hosts) == most)
    }

    /// A thousand requests at once with one beginning do not all go to one host.
    @Test func affinityNeverOverloadsAHost() throws {
        let question = try Self.affine("all the same")
        var candidates = (1...5).map { number in Self.candidate(number) }
        for sent in 1...1_000 {
            let host = RoutePlanner().decide(question, among: candidates).order[0].host
            let index = try #require(candidates.firstIndex { $0.host == host })
            candidates[index].openRequests += 1
            let most = candidates.map(\.openRequests).max() ?? 0
            #expect(most * 4 * 5 <= 5 * sent + 20)
        }
    }
}
