import Messages
import Primitives

/// Whose hosts a session's group is drawn from. An operator with hosts of its own keeps a session for each kind, so that its own
/// hosts are surely there to be asked first and others when those are busy.
enum SessionGroup: String, CaseIterable, Sendable {
    /// The operator's own hosts alone.
    case own
    /// All hosts, or those that the policy allows.
    case market

    /// One kind of sessions of one model.
    struct Key: Hashable, Comparable, Sendable {
        let model: String
        let group: SessionGroup

        static func < (left: Key, right: Key) -> Bool {
            (left.model, left.group.rawValue) < (right.model, right.group.rawValue)
        }
    }
}

extension RoutingPolicy {
    /// The kinds of sessions that it takes.
    var groups: [SessionGroup] { own.isEmpty ? [.market] : SessionGroup.allCases }

    /// Those of its kinds of sessions that may hold a host for requests under narrower rules.
    func groups(for rules: RoutingPolicy) -> [SessionGroup] {
        groups.filter { group in
            let hosts = allowedHosts(group)
            if !hosts.isEmpty { return hosts.contains { rules.refusal(of: $0) == nil } }
            // Drawn from all hosts: of use unless the rules name nobody but own ones, which have their own session.
            return rules.allowed?.contains { !own.contains($0) && rules.refusal(of: $0) == nil } ?? true
        }
    }

    /// The only hosts that a session's group is drawn from, ascending; empty for all.
    func allowedHosts(_ group: SessionGroup) -> [Address] {
        switch group {
        case .own: own.sorted()
        case .market: (allowed.map { $0.subtracting(denied) } ?? []).sorted()
        }
    }

    /// Which kind of session one is that was opened.
    func group(of record: SessionRecord) -> SessionGroup {
        !own.isEmpty && record.allowedHosts == allowedHosts(.own) ? .own : .market
    }
}
