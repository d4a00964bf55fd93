import Cryptography
import Primitives
import ProtocolRules
import TestSupport

@testable import Gateway

/// Questions over three hosts, each with a cache of beginnings that holds half of all: what routing by beginnings saves. Times in
/// microseconds.
///
/// A host computes one prompt after the other, at 2,000 tokens a second, and 32 tokens of each answer at 2 ms in a batch
/// meanwhile. Beginnings have 1,600 tokens and questions 40.
struct PrefixSimulation {
    enum Router { case affinity, turns }

    /// How questions come.
    enum Load {
        /// So many clients, each of which asks anew when it has its answer: as much as the hosts can do.
        case clients(Int)
        /// So many a second, at random times, whatever the hosts can do.
        case perSecond(Int)
    }

    struct Figures {
        var hits = 0
        var firstTokens: [Int] = []
        var duration = 0
        var meanFirstToken: Int { firstTokens.reduce(0, +) / max(1, firstTokens.count) }
        var p99FirstToken: Int { firstTokens.sorted()[firstTokens.count * 99 / 100] }
        var perSecond: Double { Double(firstTokens.count) / (Double(duration) / 1e6) }
    }

    static let beginnings = 24
    private static let cacheMax = 12
    private static let perToken = 500
    private static let (beginningTokens, questionTokens) = (1_600, 40)
    private static let decode = 32 * 2_000

    fileprivate struct Host {
        /// Beginnings, the one used last at the end.
        var cache: [Int] = []
        var isFreeAt = 0
        var openRequests = 0
        var earned: UInt64 = 0
    }

    private enum Event {
        case ask
        case done(host: Int)
    }

    /// - Parameter count: requests in all.
    static func run(_ router: Router, _ load: Load, requests count: Int) -> Figures {
        var random = SplitMix64(seed: 5)
        let questions = questions
        var (hosts, queue, figures, asked) = ([Host](repeating: Host(), count: 3), EventQueue<Event>(), Figures(), 0)
        switch load {
        case .clients(let clients): for client in 0..<clients { queue.add(.ask, at: client) }
        case .perSecond(let rate):
            var time = 0
            for _ in 0..<count {
                time += Int(random.next() % UInt64(2_000_000 / rate))
                queue.add(.ask, at: time)
            }
        }
        while let (now, event) = queue.next() {
            figures.duration = now
            if case .done(let host) = event {
                hosts[host].openRequests -= 1
                if case .clients = load { queue.add(.ask, at: now) }
                continue
            }
            guard asked < count else { continue }
            let beginning = Int(random.next() % UInt64(beginnings))
            let host = router == .turns ? asked % 3 : pick(questions[beginning], hosts)
            asked += 1
            let isHit = hosts[host].take(beginning, cacheMax: cacheMax)
            figures.hits += isHit ? 1 : 0
            let firstToken =
                max(now, hosts[host].isFreeAt) + (questionTokens + (isHit ? 0 : beginningTokens)) * perToken
            hosts[host].isFreeAt = firstToken
            figures.firstTokens.append(firstToken - now)
            queue.add(.done(host: host), at: firstToken + decode)
        }
        return figures
    }

    private static var questions: [RouteQuestion] {
        (0..<beginnings).map { beginning in
            let text = "\(beginning)" + String(repeating: ".", count: Limits.prefixBytesMin)
            var question = RouteQuestion(contextBytes: 8_000, outputTokens: 32)
            question.prefix = try? Fixtures.request(content: text).prefix
            return question
        }
    }

    private static func pick(_ question: RouteQuestion, _ hosts: [Host]) -> Int {
        let candidates = hosts.indices.map { index in
            RouteCandidate(
                host: TestHost(UInt8(index + 1)).address, session: 1, place: index,
                openRequests: hosts[index].openRequests, earned: Amount(hosts[index].earned), prices: Fixtures.prices,
                available: Amount(1_000), maximum: Amount(1))
        }
        let first = RoutePlanner().decide(question, among: candidates).order.first?.host
        return candidates.firstIndex { $0.host == first } ?? 0
    }
}

extension PrefixSimulation.Host {
    /// Takes a request with a beginning.
    ///
    /// - Returns: whether it was in the cache.
    fileprivate mutating func take(_ beginning: Int, cacheMax: Int) -> Bool {
        let isHit = cache.contains(beginning)
        cache.removeAll { $0 == beginning }
        cache.append(beginning)
        if cache.count > cacheMax { cache.removeFirst() }
        openRequests += 1
        earned += 1
        return isHit
    }
}
