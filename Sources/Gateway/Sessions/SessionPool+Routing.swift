import Messages
import OpenAIWire
import Primitives
import ProtocolRules
import WireFormat

/// Which host of which session a request goes to, and what is remembered for the next.
extension SessionPool {
    /// Engages the best host that can take a request now; nil where none of the open sessions has one.
    func engageNow(
        _ request: RelayRequest, excluding tried: Set<Address>
    ) throws(EngagementFailure) -> Engagement? {
        guard isOpen else { throw .closed }
        let open = usable(request.model)
        let decision = try decision(on: request, in: open, excluding: tried)
        for choice in decision.order {
            guard let session = open.first(where: { $0.id == choice.session }),
                let seat = session.seats.first(where: { $0.host == choice.host }),
                let maximum = maximum(of: request, under: session.record),
                let promise = try promise(maximum, to: session.key(seat))
            else { continue }
            return sign(promise, for: request, session: session.record, seat: seat, decision)
        }
        return nil
    }

    /// - Throws: `.insufficientDeposit` where a request costs more than 64 bits hold.
    private func decision(
        on request: RelayRequest, in open: [OpenSession], excluding tried: Set<Address>
    ) throws(EngagementFailure) -> RouteDecision {
        var question = request.question
        question.tried = tried
        question.lastHost = request.prefix.flatMap { prefixes[$0.conversation] }
        return RoutePlanner(policy: rules(for: request)).decide(
            question, among: try candidates(for: request, in: open))
    }

    /// What says which hosts a request may go to: its key's policy, which is within the gateway's own.
    func rules(for request: RelayRequest) -> RoutingPolicy { request.policy?.rules ?? configuration.policy }

    /// The kinds of sessions that may hold a host for a request.
    func groups(for request: RelayRequest) -> [SessionGroup] { configuration.policy.groups(for: rules(for: request)) }

    /// Whether another session of the kinds that may hold a host for a request is of no use, or not its key's to ask for:
    /// one of each is open, and the policy leaves out all their hosts.
    func isLeftOutByPolicy(_ request: RelayRequest) -> Bool {
        let open = usable(request.model)
        guard hasSessions(for: request, open), let decision = try? decision(on: request, in: open, excluding: []),
            decision.order.isEmpty
        else { return false }
        let reasons = decision.leftOut.map(\.reason).filter { $0 != .notNamed }
        if reasons.isEmpty { return groups(for: request).isEmpty }
        return reasons.allSatisfy(\.isPolicy)
    }

    /// Whether the request would find a host if its key had no policy of its own: then a session, which may have the same hosts, is
    /// not opened for it. So no key makes the gateway pay more deposits than it needs.
    func isShortForItsPolicyAlone(_ request: RelayRequest) -> Bool {
        let open = usable(request.model)
        guard request.policy != nil, hasSessions(for: request, open) else { return false }
        var other = request
        other.policy = nil
        return (try? decision(on: other, in: open, excluding: []))?.order.isEmpty == false
    }

    private func hasSessions(for request: RelayRequest, _ open: [OpenSession]) -> Bool {
        Set(groups(for: request)).isSubset(of: open.map { configuration.policy.group(of: $0.record) })
    }

    /// - Throws: `.insufficientDeposit` where a request costs more than 64 bits hold.
    private func candidates(
        for request: RelayRequest, in open: [OpenSession]
    ) throws(EngagementFailure) -> [RouteCandidate] {
        guard let (height, book) = chain.map({ ($0.height, $0.book) }) else { return [] }
        let now = configuration.now()
        var openRequests: [Address: Int] = [:]
        for session in sessions[request.model] ?? [] {
            for seat in session.seats {
                openRequests[seat.host, default: 0] += book[session.key(seat)]?.openRequests ?? 0
            }
        }
        var candidates: [RouteCandidate] = []
        for session in open {
            guard let maximum = maximum(of: request, under: session.record) else { throw .insufficientDeposit }
            let isSpent = session.isSpent(at: height, in: book)
            for seat in session.seats {
                let account = book[session.key(seat)]
                var candidate = RouteCandidate(
                    host: seat.host, session: session.id, place: candidates.count, isSessionSpent: isSpent,
                    openRequests: openRequests[seat.host] ?? 0, earned: account?.fees ?? .zero,
                    prices: session.record.prices, available: account?.available ?? .zero, maximum: maximum)
                if let entry = board[HostBoard.Key(host: seat.host, model: request.model)] {
                    candidate.take(entry, promptSize: request.promptSize, at: now)
                }
                candidates.append(candidate)
            }
        }
        return candidates
    }

    private func sign(
        _ promise: VoucherAccount.Promise, for request: RelayRequest, session: SessionRecord, seat: OpenSession.Seat,
        _ decision: RouteDecision
    ) -> Engagement {
        let voucher = Voucher(
            chainID: chain?.id ?? "", session: session.id, executor: seat.host, sequence: promise.sequence,
            height: chain?.height ?? 0, requestDigest: request.digest, amount: promise.amount)
        let terms = Engagement.Terms(
            model: session.model, prices: session.prices, isUnproven: session.isUnproven, choices: request.choices,
            sampling: request.completion.sampling, seed: request.completion.seed)
        return Engagement(
            host: seat.host, url: seat.url, operatorKey: seat.operatorKey, promise: promise,
            voucher: Signed(voucher, by: sessionKey), terms: terms, promptBytes: request.promptBytes,
            prefix: request.prefix, decision: decision,
            hedgeDelay: board.hedgeDelay(request.model, request.promptSize))
    }

    // MARK: What is remembered

    /// How the host of an engagement did decides where it stands from now on.
    func note(_ conduct: HostConduct, of engagement: Engagement) {
        board.note(conduct, of: engagement.boardKey, at: configuration.now())
    }

    /// The first token of an answer came.
    func note(firstToken duration: Duration, of engagement: Engagement) {
        board.note(
            firstToken: duration, engagement.promptSize, openRequests: engagement.otherRequests,
            of: engagement.boardKey, at: configuration.now())
        if let prefix = engagement.prefix { prefixes.note(engagement.host, for: prefix.conversation) }
    }

    /// None came for so long, and another host was faster.
    func note(silence duration: Duration, of engagement: Engagement) {
        board.note(
            silence: duration, engagement.promptSize, on: engagement.voucher.statement.requestDigest,
            of: engagement.boardKey, at: configuration.now())
    }

    /// Time between the pieces of an answer.
    func note(interval duration: Duration, of engagement: Engagement) {
        board.note(
            interval: duration, openRequests: engagement.otherRequests, of: engagement.boardKey,
            at: configuration.now())
    }
}

extension RouteCandidate {
    /// Takes over what is known of its host.
    mutating func take(_ entry: HostBoard.Entry, promptSize: PromptSize, at now: ContinuousClock.Instant) {
        grade = entry.standing.grade(at: now, openRequests: openRequests)
        sinceFault = entry.standing.lastFault.map { now - $0 }
        firstToken = entry.pace.firstToken(promptSize, at: now)
        interval = entry.pace.interval(at: now)
        contextBytesTooMany = entry.contextBytesTooMany(at: now)
    }
}

extension Engagement {
    var boardKey: HostBoard.Key { HostBoard.Key(host: host, model: terms.model) }
    var promptSize: PromptSize { PromptSize(bytes: promptBytes) }

    /// That its host had open when it was engaged.
    var otherRequests: Int { choice?.openRequests ?? 0 }
}
