import Cryptography
import Messages
import Primitives
import ProtocolRules
import TestSupport
import Testing

@testable import Gateway

/// Routing policies that keys name: what they leave of the gateway's own, and which sessions are opened for them.
@Suite(.timeLimit(.minutes(1))) struct KeyPolicyTests {
    private let ledger = MemoryLedger()

    private static func policy(_ change: (inout RoutingPolicy) -> Void) -> RoutingPolicy {
        var policy = RoutingPolicy()
        change(&policy)
        return policy
    }

    private static func hosts(_ numbers: UInt8...) -> Set<Address> { Set(numbers.map { TestHost($0).address }) }

    private static func request(_ policy: RoutingPolicy, within gateway: RoutingPolicy) throws -> RelayRequest {
        var request = try Fixtures.request()
        request.policy = try KeyPolicies(["p": policy], within: gateway).policy(of: KeyTerms(policy: "p"))
        return request
    }

    // MARK: Narrowing

    /// Some policy about four hosts, two regions and two prices.
    private static func random(_ random: inout SplitMix64, ownOf gateway: Set<Address>?) -> RoutingPolicy {
        func some(_ all: [UInt8]) -> Set<Address> {
            Set(all.filter { _ in Bool.random(using: &random) }.map { TestHost($0).address })
        }
        var policy = RoutingPolicy()
        policy.own = gateway.map { own in own.filter { _ in Bool.random(using: &random) } } ?? some([1, 2])
        policy.denied = some([1, 2, 3, 4]).intersection(some([1, 2, 3, 4]))
        if Bool.random(using: &random) { policy.allowed = some([1, 2, 3, 4]) }
        for host in some([1, 2, 3, 4]) { policy.regions[host] = Bool.random(using: &random) ? "eu" : "us" }
        if Int.random(in: 0..<3, using: &random) == 0 { policy.allowedRegions = ["eu"] }
        if Bool.random(using: &random) { policy.priceMax = Amount(Bool.random(using: &random) ? 1_000 : 5_000) }
        return policy
    }

    /// Whatever the two say: nobody is asked whom the gateway's own policy leaves out, or whom the key's rules out.
    @Test func aKeysPolicyNeverWidens() {
        var random = SplitMix64(seed: 7)
        var (asked, spared) = (0, 0)
        for _ in 0..<2_000 {
            let gateway = Self.random(&random, ownOf: nil)
            var key = Self.random(&random, ownOf: gateway.own)
            let both = gateway.narrowed(by: key)
            // Where hosts stand is the gateway's word.
            key.regions = gateway.regions
            if key.own.isEmpty { key.own = gateway.own }
            for host in 1...4 as ClosedRange<UInt8> {
                let address = TestHost(host).address
                func mayBeAsked(_ policy: RoutingPolicy) -> Bool {
                    policy.refusal(of: address, prices: Fixtures.prices) == nil
                }
                let isAsked = mayBeAsked(both)
                #expect(!isAsked || mayBeAsked(gateway) && mayBeAsked(key))
                if isAsked { asked += 1 } else if mayBeAsked(gateway) { spared += 1 }
            }
        }
        #expect(asked > 500 && spared > 500, "\(asked), \(spared)")
    }

    @Test func eachWordIsTheNarrowerOne() {
        let gateway = Self.policy {
            $0.own = Self.hosts(1, 2)
            ($0.spillOver, $0.allowed, $0.denied) = (8, Self.hosts(3, 4), Self.hosts(5))
            ($0.regions, $0.allowedRegions) = ([TestHost(3).address: "eu"], ["eu", "us"])
            $0.priceMax = Amount(10)
        }
        let key = Self.policy {
            $0.own = Self.hosts(2, 6)
            ($0.spillOver, $0.allowed, $0.denied) = (3, Self.hosts(4, 6), Self.hosts(4))
            ($0.regions, $0.allowedRegions) = ([TestHost(4).address: "eu"], ["eu", "asia"])
            $0.priceMax = Amount(20)
        }
        let expected = Self.policy {
            $0.own = Self.hosts(2)
            ($0.spillOver, $0.allowed, $0.denied) = (3, Self.hosts(4), Self.hosts(4, 5))
            ($0.regions, $0.allowedRegions) = (gateway.regions, ["eu"])
            $0.priceMax = Amount(10)
        }
        #expect(gateway.narrowed(by: key) == expected)
        #expect(gateway.narrowed(by: RoutingPolicy()) == gateway)
    }

    @Test(arguments: [
        ("eu", true), ("EU-only_2", true), (String(repeating: "x", count: Limits.policyNameBytesMax), true),
        (String(repeating: "x", count: Limits.policyNameBytesMax + 1), false), ("", false), ("a b", false),
        ("a.b", false), ("ä", false), ("none", false), ("a\n", false),
    ]) func namesAreWords(name: String, isName: Bool) {
        #expect(KeyPolicies.isName(name) == isName)
    }

    @Test func aKeyThatNamesNoPolicyOfTheGatewayIsNamed() throws {
        let folder = try ScratchFolder()
        var keys = try APIKeys(path: folder("api-keys.json"))
        for policy in [nil, "eu"] {
            _ = try keys.create(name: "key \(policy ?? "")", isDevnet: true, terms: KeyTerms(policy: policy))
        }
        try KeyPolicies(["eu": RoutingPolicy()]).check(keys)
        #expect(throws: GatewayError.unknownPolicy(name: "eu", key: "key eu")) { try KeyPolicies().check(keys) }
    }

    // MARK: Whom the planner leaves out

    @Test func thePlannerGoesByTheKeysPolicy() async throws {
        let gateway = Self.policy { $0.denied = Self.hosts(1) }
        let pool = SessionPool.test(ledger, policy: gateway)
        let request = try Self.request(Self.policy { $0.denied = Self.hosts(2) }, within: gateway)
        for _ in 0..<4 {
            let engagement = try await pool.engage(request, excluding: [])
            #expect(engagement.host == TestHost(3).address)
            #expect(engagement.decision.leftOut.map(\.reason) == [.denied, .denied])
        }
        await #expect(throws: EngagementFailure.noHostLeft) {
            try await pool.engage(request, excluding: Self.hosts(3))
        }
    }

    // MARK: Which sessions it takes

    private func allowLists(_ pool: SessionPool) async -> [[Address]] {
        await pool.sessions[Fixtures.model]?.map(\.record.allowedHosts) ?? []
    }

    /// Own hosts have a session for them alone: others need theirs, and nobody pays for the one that is of no use.
    @Test(arguments: [(true, [[2]]), (false, [[]])] as [(Bool, [[UInt8]])])
    func onlyAUsefulSessionIsOpened(isOwnAlone: Bool, lists: [[UInt8]]) async throws {
        let gateway = Self.policy { $0.own = Self.hosts(2) }
        let pool = SessionPool.test(ledger, models: [], policy: gateway)
        let wish = Self.policy {
            if isOwnAlone { $0.allowed = Self.hosts(2) } else { $0.denied = Self.hosts(2) }
        }
        let engagement = try await pool.engage(try Self.request(wish, within: gateway), excluding: [])
        #expect((engagement.host == TestHost(2).address) == isOwnAlone)
        #expect(await allowLists(pool) == lists.map { $0.map { TestHost($0).address } })
    }

    @Test func whereNobodyIsLeftNoSessionIsOpened() async throws {
        let gateway = Self.policy { $0.allowed = Self.hosts(1, 2) }
        let pool = SessionPool.test(ledger, models: [], policy: gateway)
        let request = try Self.request(Self.policy { $0.allowed = Self.hosts(3) }, within: gateway)
        for _ in 0..<3 {
            await #expect(throws: EngagementFailure.noHostLeft) { try await pool.engage(request, excluding: []) }
        }
        #expect(await ledger.openedSessions.isEmpty)
    }

    /// A key whose one host is full makes the gateway pay for no second session, as long as others have room.
    @Test func aKeyThatIsShortOfRoomOpensNothing() async throws {
        let pool = SessionPool.test(ledger, deposit: Amount(3 * Fixtures.maximum.ngonka))
        let request = try Self.request(Self.policy { $0.allowed = Self.hosts(1) }, within: RoutingPolicy())
        let first = try await pool.engage(request, excluding: [])
        for _ in 0..<3 {
            await #expect(throws: EngagementFailure.noRoom) { try await pool.engage(request, excluding: []) }
        }
        #expect(await ledger.openedSessions.count == 1)
        #expect(try await pool.engage(try Fixtures.request(), excluding: []).host != TestHost(1).address)
        await pool.release(first, fee: .zero, conduct: .good)
        #expect(try await pool.engage(request, excluding: []).host == TestHost(1).address)
    }
}
