import Cryptography
import Primitives

/// Filter, score, pick: which host a request goes to, as a pure function of what is known of each.
///
/// **Filter**: policy, what a session still holds, what was tried. **Score**: the expected time until the answer's end: what was
/// measured for each open request, times one more than are open (*shortest expected delay*, Banawan & Zahorjan 1989; with the
/// asymmetric average of Finagle's peak EWMA). **Pick**: the least, by health first; then own hosts, the host that has the beginning in its cache, time, coins.
///
/// All hosts are compared, not two drawn at random. *The power of two choices* (Mitzenmacher 2001) is for dispatchers that see
/// load late or not at all and would all run to the same place. Here the load that counts, this gateway's own open requests, is
/// known exactly, a group has at most 64 hosts, and a decision without a draw can be explained and repeated. What others
/// load on a host shows in its times, which rise at once and fall slowly.
///
/// **Affinity** is consistent hashing with bounded loads (Mirrokni, Thorup, Zadimoghaddam 2016), c = 1.25, over a rendezvous
/// hash: the host that answered the conversation last, else the host for its beginning, unless it has more than 1.25 times
/// its share of the open requests or is more than twice as slow as the fastest.
struct RoutePlanner: Sendable {
    var policy = RoutingPolicy()
    /// Whether beginnings matter; off for comparison alone.
    var usesAffinity = true

    func decide(_ question: RouteQuestion, among candidates: [RouteCandidate]) -> RouteDecision {
        var decision = RouteDecision()
        var left: [RouteCandidate] = []
        for candidate in candidates {
            if let reason = exclusion(of: candidate, question) {
                decision.leftOut.append(
                    RouteDecision.LeftOut(host: candidate.host, session: candidate.session, reason: reason))
            } else {
                left.append(candidate)
            }
        }
        // Who finds everything too long is believed as long as there is somebody else. A host's other session may be left out for
        // its price, and stays so.
        if left.isEmpty {
            let tooLong = decision.leftOut.filter { $0.reason == .tooLong }
            left = candidates.filter { one in tooLong.contains { $0.host == one.host && $0.session == one.session } }
            decision.leftOut.removeAll { $0.reason == .tooLong }
        }
        let scored = scores(left, question)
        let favourite = usesAffinity ? favourite(question, scored) : nil
        let ranked = scored.map { (key: key($0, favourite), $0) }.sorted { $0.key < $1.key }
        decision.order = ranked.indices.map { index in
            let host = ranked[index].1.candidate.host
            let next = ranked[index...].first { $0.1.candidate.host != host }?.1
            return choice(ranked[index].1, before: next, question, favourite)
        }
        return decision
    }

    // MARK: Filter

    private func exclusion(of candidate: RouteCandidate, _ question: RouteQuestion) -> RouteExclusion? {
        if let pinned = question.pinned, pinned != candidate.host { return .notNamed }
        if question.tried.contains(candidate.host) { return .tried }
        if let refusal = policy.refusal(of: candidate.host, prices: candidate.prices) { return refusal }
        if candidate.maximum > candidate.available { return .noRoom }
        // A host that is asked for by name may say itself that it is too long.
        if question.pinned == nil, let bytes = candidate.contextBytesTooMany, question.contextBytes >= bytes {
            return .tooLong
        }
        return nil
    }

    // MARK: Score

    private struct Scored {
        let candidate: RouteCandidate
        /// For each open request.
        let pace: Duration
        var expected: Duration { pace * (candidate.openRequests + 1) }
        let ownRank: Int
    }

    /// A host of which nothing is known counts as the best one that is: so it is tried, and a burst is spread all the same.
    private func scores(_ candidates: [RouteCandidate], _ question: RouteQuestion) -> [Scored] {
        let firstToken = candidates.compactMap(\.firstToken).min() ?? .zero
        let interval = candidates.compactMap(\.interval).min() ?? .zero
        let pieces = Int(min(question.outputTokens, Limits.typicalOutputTokens))
        return candidates.map { candidate in
            let whole = (candidate.firstToken ?? firstToken) + (candidate.interval ?? interval) * pieces
            return Scored(
                candidate: candidate, pace: max(whole, Limits.expectedTimeMin),
                ownRank: policy.rank(of: candidate.host, openRequests: candidate.openRequests))
        }
    }

    /// Times that differ by less than an eighth are the same: what is measured is not that sure, and coins are to be spread.
    private static func step(_ duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        let milliseconds = Int(clamping: max(1, seconds &* 1_000 &+ attoseconds / 1_000_000_000_000_000))
        let shift = max(0, Int.bitWidth - milliseconds.leadingZeroBitCount - 4)
        return shift * 8 + milliseconds >> shift
    }

    // MARK: Pick

    private struct Key: Comparable {
        let parts: (grade: Int, spent: Int, own: Int, affinity: Int)
        let fault: Duration
        let step: Int
        let session: UInt64
        let earned: UInt64
        let place: Int

        static func == (left: Key, right: Key) -> Bool { left.place == right.place }

        static func < (left: Key, right: Key) -> Bool {
            if left.parts != right.parts { return left.parts < right.parts }
            // Of those in quarantine the one that failed longest ago.
            if left.fault != right.fault { return left.fault > right.fault }
            return (left.step, left.session, left.earned, left.place)
                < (right.step, right.session, right.earned, right.place)
        }
    }

    private func key(_ scored: Scored, _ favourite: Favourite?) -> Key {
        let candidate = scored.candidate
        let isBad = candidate.grade == .quarantined
        return Key(
            parts: (
                candidate.grade.rawValue, candidate.isSessionSpent ? 1 : 0, scored.ownRank,
                favourite?.host == candidate.host ? 0 : 1
            ),
            fault: isBad ? candidate.sinceFault ?? .zero : .zero, step: Self.step(scored.expected),
            session: candidate.session, earned: candidate.earned.ngonka, place: candidate.place)
    }

    private func choice(
        _ scored: Scored, before next: Scored?, _ question: RouteQuestion, _ favourite: Favourite?
    ) -> RouteDecision.Choice {
        let candidate = scored.candidate
        return RouteDecision.Choice(
            host: candidate.host, session: candidate.session, grade: candidate.grade, expected: scored.expected,
            openRequests: candidate.openRequests, isOwn: policy.own.contains(candidate.host),
            reason: reason(scored, before: next, question, favourite))
    }

    private func reason(
        _ scored: Scored, before next: Scored?, _ question: RouteQuestion, _ favourite: Favourite?
    ) -> RouteReason {
        if question.pinned != nil { return .named }
        if scored.candidate.grade == .quarantined { return .leastBad }
        if let favourite, favourite.host == scored.candidate.host { return favourite.reason }
        guard let next else { return .only }
        if scored.ownRank < next.ownRank { return .own }
        return Self.step(scored.expected) < Self.step(next.expected) ? .fastest : .leastSpent
    }

    // MARK: Affinity

    private struct Favourite {
        let host: Address
        let reason: RouteReason
    }

    /// The host that probably has the request's beginning in its cache, among the best by health and policy.
    private func favourite(_ question: RouteQuestion, _ scored: [Scored]) -> Favourite? {
        guard let prefix = question.prefix else { return nil }
        let clean = scored.filter { $0.candidate.grade == .clean }
        guard let rank = clean.map(\.ownRank).min() else { return nil }
        var hosts: [Address: Scored] = [:]
        for one in clean where one.ownRank == rank && hosts[one.candidate.host] == nil {
            hosts[one.candidate.host] = one
        }
        guard hosts.count > 1, let best = hosts.values.map(\.pace).min() else { return nil }
        let bound = Self.loadMax(open: hosts.values.reduce(0) { $0 + $1.candidate.openRequests }, hosts: hosts.count)
        func isFree(_ host: Address) -> Bool {
            guard let one = hosts[host] else { return false }
            return one.candidate.openRequests + 1 <= bound && one.pace <= best * Limits.affinitySlownessMax
        }
        if let last = question.lastHost, isFree(last) { return Favourite(host: last, reason: .conversation) }
        let ranked = hosts.keys.map { (weight: Self.weight(of: $0, prefix.shared), host: $0) }.sorted {
            ($0.weight, $0.host) > ($1.weight, $1.host)
        }
        return ranked.first { isFree($0.host) }.map { Favourite(host: $0.host, reason: .prefix) }
    }

    /// The most requests that one host may have once this one is there too: ⌈1.25 · (open + 1) ÷ hosts⌉.
    static func loadMax(open: Int, hosts: Int) -> Int {
        let (numerator, denominator) = (5 * (open + 1), 4 * max(1, hosts))
        return (numerator + denominator - 1) / denominator
    }

    private static func weight(of host: Address, _ prefix: Hash32) -> UInt64 {
        Hash32.sha256(prefix.bytes + host.bytes).firstWord
    }
}
