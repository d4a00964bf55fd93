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

    /// The id of a serving round, given its serial; one that no round has where it has not opened.
    public func roundID(_ serial: UInt64) -> UInt64 {
        let id = app.state.tree.value(for: StateKey.round(kind: .serving, serial: serial)) ?? []
        return UInt64(bigEndianBytes: id) ?? 1_000_000 &+ serial
    }

    /// A serving round, given its serial.
    public func round(_ serial: UInt64) throws -> RoundRecord? { try roundRecord(roundID(serial)) }

    /// A round of any kind.
    public func roundRecord(_ id: UInt64) throws -> RoundRecord? {
        try record(RoundRecord.self, at: StateKey.round(id))
    }

    /// The claim of a serving round, given its serial.
    public func claim(of host: Address, in serial: UInt64) throws -> ClaimRecord? {
        try record(ClaimRecord.self, at: StateKey.claim(round: roundID(serial), host: host))
    }

    /// The serial of the serving round whose work window the last block was in; 0 before the first.
    public func servingRound() -> UInt64 {
        let key = StateTable.roundSerials.key([UInt8(truncatingIfNeeded: RoundKind.serving.rawValue)])
        return UInt64(bigEndianBytes: app.state.tree.value(for: key) ?? []) ?? 0
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

    /// A claim of one host for one model in the serving round with this serial, whose sums are those of its sessions. The items
    /// behind it are real, and `duties` remembers them.
    public func claim(_ host: TestHost, round serial: UInt64, sessions: [SessionClaim]) -> MsgCommitClaim {
        MsgCommitClaim(
            operatorAccount: host.operatorAccount.address, host: host.address, round: roundID(serial),
            entries: [entry(of: host.address, model: model, sessions: sessions)])
    }

    /// One entry of a claim over real items: each session's fee lies on its items as evenly as it can. Sums that no tree can
    /// have get a root of no tree.
    public func entry(of host: Address, model: String, sessions: [SessionClaim]) -> ClaimEntry {
        let count = sessions.reduce(0) { $0 &+ $1.count }
        let fee = Amount(sessions.reduce(0) { $0 &+ $1.fee.ngonka })
        let isSensible = sessions.allSatisfy { $0.count <= 10_000 && $0.firstNumber < .max - $0.count }
        let quality = { self.duties?.behaviour(of: host).quality(of: .serving) ?? .honest }
        let items = (isSensible ? sessions : []).flatMap { part in
            (0..<part.count).map { index in
                let share = part.fee.ngonka / part.count + (index < part.fee.ngonka % part.count ? 1 : 0)
                return SimulatedItem.serving(
                    session: part.session, number: part.firstNumber + index, fee: Amount(share), host: host,
                    model: model, quality: quality())
            }
        }
        guard !items.isEmpty, let known = try? SimulatedEntry(items) else {
            return ClaimEntry(
                model: model, root: .zero, count: count, tokens: count &* 16, fee: fee, sessions: sessions)
        }
        duties?.remember(known)
        return known.entry(model: model, sessions: sessions)
    }

    /// The rounds that are not settled, by settlement height, then id.
    public func unsettledRounds() throws -> [RoundRecord] {
        try app.state.tree.scan(prefix: StateTable.unsettledRounds.prefix).compactMap { entry in
            try roundRecord(UInt64(bigEndianBytes: entry.key.suffix(8)) ?? 0)
        }
    }

    /// The claims that are audited in the windows of a round, its own and those carried into it.
    public func claims(auditedIn round: UInt64) throws -> [ClaimRecord] {
        let queue = StateTable.settlementQueue.key(.bigEndian(round))
        return try app.state.tree.scan(prefix: queue).compactMap { entry in
            guard let id = UInt64(bigEndianBytes: entry.value.prefix(8)),
                let host = Address(Bytes(entry.value.dropFirst(8)))
            else { return nil }
            return try record(ClaimRecord.self, at: StateKey.claim(round: id, host: host))
        }
    }

    /// The seed of the beacon interval that ends with the block at `height`; nil while it has none.
    public func seed(endingAt height: UInt64) throws -> Hash32? {
        let interval = parameters.beaconSchedule.index(at: height)
        return try record(BeaconSeedRecord.self, at: StateKey.beaconSeed(interval))?.seed
    }

    public func auditors(epoch: UInt64, model: String) throws -> DrawEntries {
        let record = try record(AuditorsRecord.self, at: StateKey.auditors(epoch: epoch, model: model))
        return DrawEntries(
            zip(record?.hosts ?? [], record?.weights ?? []).map { DrawEntry(address: $0, weight: $1) })
    }

    public func host(_ address: Address) throws -> HostRecord? {
        try record(HostRecord.self, at: StateKey.host(address))
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
