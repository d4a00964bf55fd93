import Cryptography
import Messages
import Primitives
import ProtocolRules
import WireFormat

/// What audits and draws are made of. Each reads the newest committed state; nil where there is no such record.
extension LedgerAccess {
    /// The claims that are audited in the windows of `round` and wait for their settlement: those of the round, and those that
    /// were carried into it.
    public func claimsQueued(for round: UInt64) async throws(LedgerAccessError) -> Listing<ClaimName> {
        try await list(StateTable.settlementQueue.key(.bigEndian(round))).map { (entry) throws(LedgerAccessError) in
            guard let own = UInt64(bigEndianBytes: entry.value.prefix(8)),
                let host = Address(Bytes(entry.value.dropFirst(8)))
            else { throw .malformed("a settlement names no claim") }
            return ClaimName(round: own, host: host)
        }
    }

    /// A model in one round.
    public func model(_ id: String, in round: UInt64) async throws(LedgerAccessError) -> RoundModelRecord? {
        try await record(RoundModelRecord.self, at: StateKey.roundModel(round, model: id))
    }

    /// Who audits a model in an epoch.
    public func auditors(of model: String, in epoch: UInt64) async throws(LedgerAccessError) -> AuditorsRecord? {
        try await record(AuditorsRecord.self, at: StateKey.auditors(epoch: epoch, model: model))
    }

    /// What auditors, or a panel, said of a sample; ascending by the auditor's address.
    public func audits(
        of sample: SampleName, stage: AuditStage
    ) async throws(LedgerAccessError) -> Listing<AuditRecord> {
        try await records(AuditRecord.self, under: StateKey.audits(sample, stage: stage))
    }

    /// What one auditor said of a sample.
    public func audit(
        of sample: SampleName, stage: AuditStage, by auditor: Address
    ) async throws(LedgerAccessError) -> AuditRecord? {
        try await record(AuditRecord.self, at: StateKey.audit(sample, stage: stage, by: auditor))
    }

    /// Everything that was said of samples of a round's claims and is not settled yet; ascending by sample.
    public func audits(in round: UInt64) async throws(LedgerAccessError) -> Listing<NamedAudit> {
        try await list(StateTable.audits.key(.bigEndian(round))).map { (entry) throws(LedgerAccessError) in
            let key = entry.key.dropFirst(2)
            guard key.count > SampleName.length, let sample = SampleName(bytes: key.prefix(SampleName.length)),
                let stage = AuditStage(rawValue: UInt64(key[key.startIndex + SampleName.length]))
            else { throw .malformed("an audit names no sample") }
            return NamedAudit(sample: sample, stage: stage, record: try decode(AuditRecord.self, entry.value))
        }
    }

    /// The items of a round's claims that were opened and are not settled yet; ascending by sample.
    public func openedItems(in round: UInt64) async throws(LedgerAccessError) -> Listing<NamedOpening> {
        try await list(StateTable.openedItems.key(.bigEndian(round))).map { (entry) throws(LedgerAccessError) in
            guard let sample = SampleName(bytes: entry.key.dropFirst(2)) else {
                throw .malformed("an opened item names no sample")
            }
            return NamedOpening(sample: sample, record: try decode(OpenedItemRecord.self, entry.value))
        }
    }

    /// A sampled item as its claimant opened it.
    public func openedItem(_ sample: SampleName) async throws(LedgerAccessError) -> OpenedItemRecord? {
        try await record(OpenedItemRecord.self, at: StateKey.openedItem(sample))
    }

    /// The beacon interval that runs.
    public func beaconInterval() async throws(LedgerAccessError) -> BeaconIntervalRecord? {
        try await record(BeaconIntervalRecord.self, at: StateTable.beaconInterval.prefix)
    }

    public func beaconPart(of host: Address) async throws(LedgerAccessError) -> BeaconPartRecord? {
        try await record(BeaconPartRecord.self, at: StateKey.beaconPart(host))
    }

    /// The seed of an interval that is over.
    public func beaconSeed(_ interval: UInt64) async throws(LedgerAccessError) -> BeaconSeedRecord? {
        try await record(BeaconSeedRecord.self, at: StateKey.beaconSeed(interval))
    }
}

/// A claim by its round and its host.
public struct ClaimName: Hashable, Sendable {
    public let round: UInt64
    public let host: Address
}

/// What somebody said of a sample.
public struct NamedAudit: Sendable {
    public let sample: SampleName
    public let stage: AuditStage
    public let record: AuditRecord
}

/// An opened item with the sample that it answers.
public struct NamedOpening: Sendable {
    public let sample: SampleName
    public let record: OpenedItemRecord
}

extension SampleName {
    /// Bytes of a name in a key.
    fileprivate static let length = 44

    /// Reads what `bytes` of another name gives; nil for another length.
    fileprivate init?(bytes: some Collection<UInt8>) {
        let bytes = Bytes(bytes)
        guard bytes.count == SampleName.length, let round = UInt64(bigEndianBytes: bytes[..<8]),
            let claimant = Address(Bytes(bytes[8..<28])), let entry = UInt64(bigEndianBytes: bytes[28..<36]),
            let number = UInt64(bigEndianBytes: bytes[36...])
        else { return nil }
        self.init(round: round, claimant: claimant, entry: entry, number: number)
    }
}
