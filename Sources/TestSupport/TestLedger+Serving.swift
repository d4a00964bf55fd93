import Cryptography
import Ledger
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import StateStore

/// Sessions, vouchers, claims and the heights at which rounds take and settle them.
extension TestLedger {
    /// Opens a session and makes the block in which its group is drawn. The payer's key signs its vouchers.
    public func openSession(
        by payer: TestAccount, deposit: Amount, groupSize: UInt64 = 0, expiryEpochs: UInt64 = 0
    ) throws -> SessionRecord? {
        let message = MsgOpenSession(
            payer: payer.address, model: model, deposit: deposit, sessionKey: payer.key.publicKey.compressed,
            groupSize: groupSize, expiryEpochs: expiryEpochs)
        guard try run(message, by: payer).isAccepted else { return nil }
        try block()
        return try session(try lastSessionID())
    }

    public func session(_ id: UInt64) throws -> SessionRecord? {
        try record(SessionRecord.self, at: StateKey.session(id))
    }

    public func member(_ host: Address, of session: UInt64) throws -> MemberRecord? {
        try record(MemberRecord.self, at: StateKey.member(session: session, host: host))
    }

    public func round(_ id: UInt64) throws -> RoundRecord? { try record(RoundRecord.self, at: StateKey.round(id)) }

    public func claim(of host: Address, in round: UInt64) throws -> ClaimRecord? {
        try record(ClaimRecord.self, at: StateKey.claim(round: round, host: host))
    }

    /// The serving round whose work window the last block was in; 0 before the first.
    public func servingRound() -> UInt64 {
        UInt64(bigEndianBytes: app.state.tree.value(for: StateTable.roundCounter.prefix) ?? []) ?? 0
    }

    /// The id given to a session last.
    public func lastSessionID() throws -> UInt64 {
        UInt64(bigEndianBytes: app.state.tree.value(for: StateTable.sessionCounter.prefix) ?? []) ?? 0
    }

    /// A promise of up to `amount`, signed by `signer` as the session's key.
    public func voucher(
        session: UInt64, executor: Address, amount: Amount, sequence: UInt64 = 1, by signer: TestAccount
    ) -> Signed<Voucher> {
        let voucher = Voucher(
            chainID: TestLedger.chainID, session: session, executor: executor, sequence: sequence, height: height,
            requestDigest: .sha256(.bigEndian(sequence)), amount: amount)
        return Signed(voucher, by: signer.key)
    }

    /// A claim of one host for one model whose sums are those of its sessions.
    public func claim(_ host: TestHost, round: UInt64, sessions: [SessionClaim]) -> MsgCommitClaim {
        let count = sessions.reduce(0) { $0 &+ $1.count }
        let fee = Amount(sessions.reduce(0) { $0 &+ $1.fee.ngonka })
        let entry = ClaimEntry(
            model: model, root: .sha256(.bigEndian(round)), count: count, tokens: count &* 16, fee: fee,
            sessions: sessions)
        return MsgCommitClaim(
            operatorAccount: host.operatorAccount.address, host: host.address, round: round, entries: [entry])
    }

    /// Makes empty blocks so that the next block is the first in which `round` takes claims.
    public func advanceToCommit(of round: UInt64) throws {
        while servingRound() < round { try block() }
        guard let record = try self.round(round) else { return }
        try advance(to: record.timetable.window(.commit).lowerBound - 1)
    }

    /// Makes empty blocks until `round` has settled.
    public func settle(_ round: UInt64) throws {
        while try self.round(round)?.isSettled != true { try block() }
    }
}
