import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore

/// Who serves a session: drawn by weight in the block after opening, with the hash of the block that opened it, so that
/// neither the payer nor a host could know it when the deposit was put down.
enum GroupDraw {
    static func run(for id: UInt64, in context: inout ExecutionContext) throws(LedgerError) {
        var session = try context.expect(SessionRecord.self, at: StateKey.session(id))
        let able = try HostsReads.drawable(model: session.model, among: session.allowedHosts, in: context)
        let members = Draw.group(session: id).pick(
            Int(clamping: session.groupSize), from: DrawEntries(able), seed: context.block.parentHash)
        guard !members.isEmpty else {
            context.state.delete(SessionsKeys.expiry(height: session.expiryHeight, session: id))
            return try SessionsModule.close(id, in: &context)
        }
        session.members = members
        session.state = .open
        context.write(session, at: StateKey.session(id))
        let allotment = try equalShare(of: session.deposit, among: members.count)
        for member in members {
            context.write(MemberRecord(allotment: allotment), at: StateKey.member(session: id, host: member))
        }
        context.emit("session_opened", ("session", "\(id)"), ("members", members.map(\.bech32).joined(separator: ",")))
    }

    /// ⌊amount ÷ members⌋; the remainder stays unallotted and goes back in the end.
    static func equalShare(of amount: Amount, among members: Int) throws(LedgerError) -> Amount {
        try checked { () throws(ArithmeticError) in
            Amount(try amount.ngonka.dividedRoundingDown(by: UInt64(members)))
        }
    }
}
