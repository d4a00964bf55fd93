import Cryptography
import Messages
import Primitives
import ProtocolRules
import WireFormat

/// The ledger's records by name. Each reads the newest committed state; nil where there is no such record.
extension LedgerAccess {
    public func account(_ address: Address) async throws(LedgerAccessError) -> AccountRecord? {
        try await record(AccountRecord.self, at: StateKey.account(address))
    }

    public func supply() async throws(LedgerAccessError) -> SupplyRecord? {
        try await record(SupplyRecord.self, at: StateKey.supply)
    }

    public func parameters() async throws(LedgerAccessError) -> ProtocolParameters {
        guard let parameters = try await record(ProtocolParameters.self, at: StateKey.parameters) else {
            throw .malformed("the ledger has no parameters")
        }
        return parameters
    }

    public func model(_ id: String) async throws(LedgerAccessError) -> ModelRecord? {
        try await record(ModelRecord.self, at: StateKey.model(id))
    }

    public func models() async throws(LedgerAccessError) -> Listing<ModelRecord> {
        try await records(ModelRecord.self, under: StateTable.models.prefix)
    }

    public func host(_ address: Address) async throws(LedgerAccessError) -> HostRecord? {
        try await record(HostRecord.self, at: StateKey.host(address))
    }

    public func hosts() async throws(LedgerAccessError) -> Listing<HostRecord> {
        try await records(HostRecord.self, under: StateTable.hosts.prefix)
    }

    public func session(_ id: UInt64) async throws(LedgerAccessError) -> SessionRecord? {
        try await record(SessionRecord.self, at: StateKey.session(id))
    }

    /// The ids of all sessions that this account ever opened, ascending.
    public func sessionIDs(of payer: Address) async throws(LedgerAccessError) -> Listing<UInt64> {
        try await list(StateKey.sessions(payer: payer)).map { (entry) throws(LedgerAccessError) in
            guard let id = UInt64(bigEndianBytes: entry.key.suffix(8)) else {
                throw .malformed("a session of an account has no id")
            }
            return id
        }
    }

    public func member(_ host: Address, of session: UInt64) async throws(LedgerAccessError) -> MemberRecord? {
        try await record(MemberRecord.self, at: StateKey.member(session: session, host: host))
    }

    public func round(_ id: UInt64) async throws(LedgerAccessError) -> RoundRecord? {
        try await record(RoundRecord.self, at: StateKey.round(id))
    }

    /// The id of the newest round, 0 before the first.
    public func newestRound() async throws(LedgerAccessError) -> UInt64 {
        let value = try await read(StateTable.roundCounter.prefix, proving: false).value
        return UInt64(bigEndianBytes: value) ?? 0
    }

    public func claim(of host: Address, in round: UInt64) async throws(LedgerAccessError) -> ClaimRecord? {
        try await record(ClaimRecord.self, at: StateKey.claim(round: round, host: host))
    }

    public func claims(in round: UInt64) async throws(LedgerAccessError) -> Listing<ClaimRecord> {
        try await records(ClaimRecord.self, under: StateKey.claims(round: round))
    }

    func record<Record: CanonicalMessage>(
        _ type: Record.Type, at key: Bytes
    ) async throws(LedgerAccessError) -> Record? {
        try await datedRecord(type, at: key).record
    }

    /// A record and the height whose state it was read from.
    func datedRecord<Record: CanonicalMessage>(
        _ type: Record.Type, at key: Bytes
    ) async throws(LedgerAccessError) -> (record: Record?, height: UInt64) {
        let answer = try await read(key, proving: false)
        return (answer.value.isEmpty ? nil : try decode(type, answer.value), answer.height)
    }

    func records<Record: CanonicalMessage>(
        _ type: Record.Type, under prefix: Bytes
    ) async throws(LedgerAccessError) -> Listing<Record> {
        try await list(prefix).map { (entry) throws(LedgerAccessError) in try decode(type, entry.value) }
    }

    func decode<Record: CanonicalMessage>(
        _ type: Record.Type, _ bytes: Bytes
    ) throws(LedgerAccessError) -> Record {
        do { return try Record.decode(bytes) } catch { throw .malformed("a \(type) does not decode: \(error)") }
    }
}
