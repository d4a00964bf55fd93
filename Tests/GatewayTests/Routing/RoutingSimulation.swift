import Cryptography
import OpenAIWire
import Primitives
import ProtocolRules
import TestSupport

@testable import Gateway

/// Requests over `TroubledHosts` by the gateway's own planner, board, course, hedge allowance and voucher accounts, in virtual time
/// and in one thread: the same in every run.
///
/// Half of the requests want their answer in one piece; of the streams half have a seed of their own, and are continued elsewhere
/// where they break off.
struct RoutingSimulation {
    struct Figures: Equatable {
        var succeeded = 0
        /// Answered with an error before anything.
        var refused = 0
        /// Streams without a seed that broke off, which their clients were told.
        var brokeOff = 0
        var attempts = 0
        var hedges = 0
        var hedgesWon = 0
        var continued = 0
        /// From the request to what a client can be sent first, in microseconds; of those that succeeded.
        var firstTokens: [Int] = []
        /// Fees of receipts.
        var paid = 0
        /// Maxima of attempts that came to nothing for the client and may hold an item: the most that they can cost.
        var owedBesides = 0
        /// The part of it that hedges cost.
        var owedForHedges = 0
        /// Requests with more than one receipt.
        var chargedTwice = 0
    }

    private enum Event {
        case begin(Int)
        case firstToken(Int, Int)
        case end(Int, Int, HostFault?)
        case late(Int, Int)
    }

    private struct Attempt {
        let host: Int
        let start: Int
        let otherRequests: Int
        let promise: VoucherAccount.Promise
        var isHedge = false
        var isOpen = true
    }

    private struct Request {
        let start: Int
        let tokens: Int
        let streams: Bool
        let hasSeed: Bool
        var course = RequestCourse()
        var attempts: [Attempt] = []
        var delivered: Int?
        var isContinued = false
        var firstToken: Int?
        var receipts = 0
    }

    private static let maximum = Amount(1_000)
    private static let perToken: UInt64 = 2

    private var random: SplitMix64
    private var queue = EventQueue<Event>()
    private var now = 0
    private var requests: [Request] = []
    private var board = HostBoard()
    private var allowance = HedgeAllowance()
    private var accounts: [VoucherAccount]
    private let planner = RoutePlanner()
    private let hosts: TroubledHosts
    private let origin = ContinuousClock.now
    private(set) var figures = Figures()

    /// - Parameter perSecond: requests that come.
    init(requests count: Int, perSecond: Int = 10, seed: UInt64 = 1) {
        // Each host has each trouble once.
        hosts = TroubledHosts(turn: count * 1_000_000 / perSecond / TroubledHosts.count)
        random = SplitMix64(seed: seed)
        accounts = (0..<TroubledHosts.count).map { _ in VoucherAccount(allotment: Amount(1 << 50)) }
        var time = 0
        for index in 0..<count {
            time += Int(random.next() % UInt64(2_000_000 / perSecond))
            let streams = random.happens(50)
            requests.append(
                Request(
                    start: time, tokens: 20 + Int(random.next() % 180), streams: streams,
                    hasSeed: streams && random.happens(50)))
            queue.add(.begin(index), at: time)
        }
    }

    /// Runs until nothing is left to do.
    mutating func run() {
        while let (time, event) = queue.next() {
            now = time
            switch event {
            case .begin(let request):
                allowance.earn()
                perform(requests[request].course.take(.begin), request)
            case .firstToken(let request, let attempt): begin(request, attempt)
            case .end(let request, let attempt, let fault): end(request, attempt, fault)
            case .late(let request, let attempt):
                guard requests[request].course.mayHedge(attempt) else { continue }
                guard allowance.take() else {
                    queue.add(.late(request, attempt), at: now + Int(Limits.hedgeDelayMin / .microseconds(1)))
                    continue
                }
                perform(requests[request].course.take(.late(attempt)), request)
            }
        }
        figures.chargedTwice = requests.count { $0.receipts > 1 }
    }

    /// Requests that nobody ended, and promises that nobody closed: none, at the end.
    var leftOpen: Int { accounts.reduce(0) { $0 + $1.openRequests } }

    /// What the books say was spent.
    var booked: Int { accounts.reduce(0) { $0 + Int($1.fees.ngonka) } }

    private var instant: ContinuousClock.Instant { origin + .microseconds(now) }

    private func key(_ host: Int) -> HostBoard.Key {
        HostBoard.Key(host: TestHost(UInt8(host + 1)).address, model: Fixtures.model)
    }

    // MARK: What the course says

    private mutating func perform(_ first: RequestCourse.Action, _ request: Int) {
        var action = first
        while true {
            switch action {
            case .wait: return
            case .engage(let isHedge): action = engage(request, isHedge: isHedge)
            case .deliver(let attempt):
                requests[request].delivered = attempt
                if requests[request].attempts[attempt].isHedge { figures.hedgesWon += 1 }
                return cancel(request, except: attempt)
            case .fail:
                figures.refused += 1
                return cancel(request, except: nil)
            }
        }
    }

    private mutating func engage(_ request: Int, isHedge: Bool) -> RequestCourse.Action {
        guard let attempt = start(request, isHedge: isHedge) else {
            if isHedge { allowance.giveBack() }
            return requests[request].course.take(.notEngaged(.noHostLeft))
        }
        if isHedge { figures.hedges += 1 }
        let action = requests[request].course.take(.engaged)
        if requests[request].course.mayHedge(attempt) {
            let delay = board.hedgeDelay(Fixtures.model, .short)
            queue.add(.late(request, attempt), at: now + Int(delay / .microseconds(1)))
        }
        return action
    }

    /// Asks the best host that was not asked; nil where there is none.
    private mutating func start(_ request: Int, isHedge: Bool) -> Int? {
        let one = requests[request]
        let tried = Set(one.attempts.map { key($0.host).host })
        let question = RouteQuestion(tried: tried, contextBytes: 100, outputTokens: UInt64(one.tokens))
        guard let choice = planner.decide(question, among: candidates()).order.first,
            let host = (0..<TroubledHosts.count).first(where: { key($0).host == choice.host }),
            let promise = promise(host)
        else { return nil }
        figures.attempts += 1
        let patience = min(Limits.firstTokenTimeout, Limits.requestFirstTokenTimeout - .microseconds(now - one.start))
        let others = accounts[host].openRequests - 1
        let course = hosts.course(
            of: host, at: now, tokens: one.tokens, openRequests: others,
            patience: max(0, Int(patience / .microseconds(1))), random: &random)
        requests[request].attempts.append(
            Attempt(host: host, start: now, otherRequests: others, promise: promise, isHedge: isHedge))
        let attempt = one.attempts.count
        if let firstToken = course.firstToken { queue.add(.firstToken(request, attempt), at: firstToken) }
        queue.add(.end(request, attempt, course.fault), at: course.end)
        return attempt
    }

    private func candidates() -> [RouteCandidate] {
        (0..<TroubledHosts.count).map { host in
            var candidate = RouteCandidate(
                host: key(host).host, session: 1, place: host, openRequests: accounts[host].openRequests,
                earned: accounts[host].fees, prices: Fixtures.prices, available: accounts[host].available,
                maximum: Self.maximum)
            if let entry = board[key(host)] { candidate.take(entry, promptSize: .short, at: instant) }
            return candidate
        }
    }

    private mutating func promise(_ host: Int) -> VoucherAccount.Promise? {
        while true {
            switch accounts[host].open(maximum: Self.maximum) {
            case .sign(let promise): return promise
            case .reserve(let reservation): accounts[host].reserved(reservation)
            case .exhausted: return nil
            }
        }
    }

    // MARK: What comes of attempts

    private mutating func begin(_ request: Int, _ attempt: Int) {
        let one = requests[request].attempts[attempt]
        guard one.isOpen else { return }
        board.note(
            firstToken: .microseconds(now - one.start), .short, openRequests: one.otherRequests, of: key(one.host),
            at: instant)
        if requests[request].streams, requests[request].firstToken == nil { requests[request].firstToken = now }
        guard !requests[request].isContinued else { return requests[request].delivered = attempt }
        perform(requests[request].course.take(.answered(attempt)), request)
    }

    private mutating func end(_ request: Int, _ attempt: Int, _ fault: HostFault?) {
        let one = requests[request].attempts[attempt]
        guard one.isOpen else { return }
        guard let fault else { return succeed(request, attempt) }
        close(request, attempt, fee: fault.costsNothing ? .zero : Self.maximum)
        board.note(fault.conduct(for: .sha256(utf8: "\(request)")), of: key(one.host), at: instant)
        let wasDelivered = requests[request].delivered == attempt
        if requests[request].streams, wasDelivered || requests[request].isContinued { return breakOff(request) }
        requests[request].course.isOver =
            .microseconds(now - requests[request].start) + Limits.attemptDurationMin >= Limits.requestFirstTokenTimeout
        perform(requests[request].course.take(.failed(attempt, fault)), request)
    }

    private mutating func succeed(_ request: Int, _ attempt: Int) {
        let (one, tokens) = (requests[request].attempts[attempt], requests[request].tokens)
        close(request, attempt, fee: Amount(UInt64(tokens) * Self.perToken))
        board.note(.good, of: key(one.host), at: instant)
        board.note(interval: .milliseconds(5), openRequests: one.otherRequests, of: key(one.host), at: instant)
        for (other, conduct) in requests[request].course.refuted(contextBytes: 100) {
            board.note(conduct, of: key(requests[request].attempts[other].host), at: instant)
        }
        requests[request].receipts += 1
        figures.succeeded += 1
        figures.firstTokens.append((requests[request].firstToken ?? now) - requests[request].start)
    }

    private mutating func breakOff(_ request: Int) {
        guard requests[request].hasSeed, !requests[request].isContinued else { return figures.brokeOff += 1 }
        requests[request].isContinued = true
        if start(request, isHedge: false) == nil { figures.brokeOff += 1 } else { figures.continued += 1 }
    }

    private mutating func cancel(_ request: Int, except delivered: Int?) {
        for (index, attempt) in requests[request].attempts.enumerated() where attempt.isOpen && index != delivered {
            board.note(
                silence: .microseconds(now - attempt.start), .short, on: .sha256(utf8: "\(request)"),
                of: key(attempt.host), at: instant)
            close(request, index, fee: Self.maximum)
            figures.owedForHedges += Int(Self.maximum.ngonka)
        }
    }

    private mutating func close(_ request: Int, _ attempt: Int, fee: Amount) {
        let one = requests[request].attempts[attempt]
        requests[request].attempts[attempt].isOpen = false
        accounts[one.host].close(one.promise, fee: fee)
        if fee == Self.maximum { figures.owedBesides += Int(fee.ngonka) } else { figures.paid += Int(fee.ngonka) }
    }
}
