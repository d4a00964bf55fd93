import Cryptography
import Messages
import Primitives
import ProtocolRules
import WireFormat

/// What epochs came to: what hosts proved, were paid, and weigh. Each reads the newest committed state; nil where there is no such
/// record.
extension LedgerAccess {
    /// A closed epoch.
    public func epoch(_ epoch: UInt64) async throws(LedgerAccessError) -> EpochRecord? {
        try await record(EpochRecord.self, at: StateKey.epoch(epoch))
    }

    /// What all hosts did in an epoch, ascending by address.
    public func hostEpochs(_ epoch: UInt64) async throws(LedgerAccessError) -> Listing<HostEpochRecord> {
        try await records(HostEpochRecord.self, under: StateKey.hostEpochs(epoch))
    }

    public func hostEpoch(
        _ epoch: UInt64, host: Address
    ) async throws(LedgerAccessError) -> HostEpochRecord? {
        try await record(HostEpochRecord.self, at: StateKey.hostEpoch(epoch, host: host))
    }

    /// The weights of all active hosts that list a model, ascending by address.
    public func weights(of model: String) async throws(LedgerAccessError) -> Listing<WeightRecord> {
        try await records(WeightRecord.self, under: StateKey.weights(model: model))
    }

    /// An active host's weight for a model that it lists.
    public func weight(of host: Address, model: String) async throws(LedgerAccessError) -> WeightRecord? {
        try await record(WeightRecord.self, at: StateKey.weight(model: model, host: host))
    }

    /// The misses of an executor that a session has counted, ascending by sequence.
    public func misses(
        of executor: Address, in session: UInt64
    ) async throws(LedgerAccessError) -> Listing<MissRecord> {
        try await records(MissRecord.self, under: StateKey.misses(session: session, executor: executor))
    }

    /// An account's score for its work on a model (`.audit`), or for its word as an auditor (`.appeal`).
    public func score(
        of account: Address, as stage: AuditStage, model: String
    ) async throws(LedgerAccessError) -> ScoreRecord? {
        try await record(ScoreRecord.self, at: StateKey.score(of: account, as: stage, model: model))
    }
}

extension LedgerAccess {
    /// A round by its kind and its serial of that kind.
    public func round(_ kind: RoundKind, serial: UInt64) async throws(LedgerAccessError) -> RoundRecord? {
        let value = try await read(StateKey.round(kind: kind, serial: serial), proving: false).value
        guard let id = UInt64(bigEndianBytes: value) else { return nil }
        return try await round(id)
    }
}
