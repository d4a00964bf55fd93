import Messages
import Primitives
import ProtocolRules

/// What one session has to claim.
struct ClaimableSession: Sendable {
    let session: UInt64
    let model: String
    let firstNumber: UInt64
    /// The voucher for the most.
    let voucher: Signed<Voucher>
    /// In order of number, at least one.
    let leaves: [SumTreeNode]
}

/// Turns sessions into a claim's entries: one a model, its items by ascending session and inside a session by number.
enum ClaimBuilder {
    /// The entries, ascending by the model id's bytes.
    ///
    /// - Throws: `.overflow` where a model's sums need more than 64 bits.
    static func entries(of sessions: [ClaimableSession]) throws(ArithmeticError) -> [ClaimEntry] {
        let models = Dictionary(grouping: sessions, by: \.model)
        var entries: [ClaimEntry] = []
        for (model, members) in models.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            entries.append(try entry(model, members.sorted { $0.session < $1.session }))
        }
        return entries
    }

    private static func entry(
        _ model: String, _ sessions: [ClaimableSession]
    ) throws(ArithmeticError) -> ClaimEntry {
        let claim = try SumTree(sessions.flatMap(\.leaves)).claim
        var parts: [SessionClaim] = []
        for session in sessions {
            var fee = Amount.zero
            for leaf in session.leaves { fee = try fee.adding(leaf.sums.fee) }
            parts.append(
                SessionClaim(
                    session: session.session, firstNumber: session.firstNumber, count: UInt64(session.leaves.count),
                    fee: fee, voucher: session.voucher))
        }
        return ClaimEntry(
            model: model, root: claim.root, count: claim.count, tokens: claim.sums.tokens, fee: claim.sums.fee,
            sessions: parts)
    }
}
