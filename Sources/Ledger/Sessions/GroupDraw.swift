import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore

/// Who serves a session: drawn by weight in the block after opening, with the hash of the block that opened it, so that
/// neither the payer nor a host could know it when the deposit was put down.
///
/// One value draws all groups of a block: the hosts of a model are laid out once, however many sessions ask for it.
struct GroupDraw {
    private var entries: [Bytes: DrawEntries] = [:]

    /// drawing → open, or → closed where nobody can serve.
    mutating func run(for id: UInt64, in context: inout ExecutionContext) throws(LedgerError) {
        var session = try context.expect(SessionRecord.self, at: StateKey.session(id))
        let members = Draw.group(session: id).pick(
            Int(clamping: session.groupSize), from: try able(for: session, in: context),
            seed: context.block.parentHash)
        guard !members.isEmpty else {
            context.state.delete(SessionsKeys.expiry(height: session.expiryHeight, session: id))
            return try SessionsModule.close(id, in: &context)
        }
        session.members = members
        session.state = .open
        context.write(session, at: StateKey.session(id))
        let allotment = try GroupDraw.equalShare(of: session.deposit, among: members.count)
        for host in members {
            context.write(
                MemberRecord(host: host, allotment: allotment), at: StateKey.member(session: id, host: host))
        }
        context.emit("session_opened", ("session", "\(id)"), ("members", members.map(\.bech32).joined(separator: ",")))
    }

    private mutating func able(
        for session: SessionRecord, in context: ExecutionContext
    ) throws(LedgerError) -> DrawEntries {
        if !session.allowedHosts.isEmpty {
            return DrawEntries(
                try HostsReads.drawable(model: session.model, among: session.allowedHosts, in: context))
        }
        let model = Bytes(session.model.utf8)
        if let known = entries[model] { return known }
        let drawable = DrawEntries(try HostsReads.drawable(model: session.model, in: context))
        entries[model] = drawable
        return drawable
    }

    /// ⌊amount ÷ members⌋; the remainder stays unallotted and goes back in the end.
    static func equalShare(of amount: Amount, among members: Int) throws(LedgerError) -> Amount {
        try checked { () throws(ArithmeticError) in
            Amount(try amount.ngonka.dividedRoundingDown(by: UInt64(members)))
        }
    }
}
