import Cryptography
import LedgerClient
import Messages
import Primitives
import ProtocolRules

/// Reads what audits follow from. What is read here does not change any more: claims after their commit window, models of a
/// round, auditors of an epoch, who pays a session.
struct AuditReader: Sendable {
    let ledger: any LedgerAccess

    /// The seed of the interval that ends `phase` of a timetable; nil before it is known.
    func seed(
        of phase: RoundPhase, _ timetable: RoundTimetable, _ parameters: ProtocolParameters
    ) async throws(LedgerAccessError) -> Hash32? {
        let interval = parameters.beaconSchedule.index(at: timetable.window(phase).upperBound)
        return try await ledger.beaconSeed(interval)?.seed
    }

    /// All claims that are audited in the windows of `round`: its own, and those that were carried into it.
    func claims(auditedIn round: RoundRecord, seed: Hash32) async throws(LedgerAccessError) -> [AuditedClaim] {
        var shared = SharedRecords()
        var claims: [AuditedClaim] = []
        for claim in try await ledger.claims(in: round.id).elements {
            guard claim.auditRound == round.id, claim.state == .committed else { continue }
            claims.append(try await audited(claim, of: round, windows: round.timetable, seed: seed, &shared))
        }
        for name in try await ledger.claimsQueued(for: round.id).elements where name.round != round.id {
            guard let origin = try await ledger.round(name.round),
                let claim = try await ledger.claim(of: name.host, in: name.round)
            else { continue }
            claims.append(try await audited(claim, of: origin, windows: round.timetable, seed: seed, &shared))
        }
        return claims
    }

    /// The samples of these claims that go to panels.
    func disputes(
        over claims: [AuditedClaim], panelSeed: Hash32
    ) async throws(LedgerAccessError) -> [AuditDispute] {
        var audits: [SampleName: [AuditRecord]] = [:]
        var opened: [SampleName: OpenedItemRecord] = [:]
        for round in Set(claims.map(\.claim.round)).sorted() {
            for entry in try await ledger.audits(in: round).elements where entry.stage == .audit {
                audits[entry.sample, default: []].append(entry.record)
            }
            for entry in try await ledger.openedItems(in: round).elements { opened[entry.sample] = entry.record }
        }
        return claims.flatMap { claim in
            claim.samples.compactMap { sample in
                guard let entry = claim.entry(of: sample.name),
                    let auditor = AuditDispute.auditor(
                        disputing: sample, audits: audits[sample.name] ?? [], opened: opened[sample.name],
                        model: entry.model)
                else { return nil }
                return AuditDispute(
                    sample: sample, auditor: auditor,
                    panel: claim.panel(of: sample, disputedBy: auditor, seed: panelSeed))
            }
        }
    }

    /// Records that many claims share.
    private struct SharedRecords {
        var models: [String: RoundModelRecord] = [:]
        var auditors: [String: DrawEntries] = [:]
        var sessions: [UInt64: SessionRecord] = [:]
    }

    private func audited(
        _ claim: ClaimRecord, of origin: RoundRecord, windows: RoundTimetable, seed: Hash32,
        _ shared: inout SharedRecords
    ) async throws(LedgerAccessError) -> AuditedClaim {
        var entries: [AuditedClaim.Entry?] = []
        for (place, entry) in claim.entries.enumerated() {
            guard claim.outcomes.isEmpty || claim.outcomes[place].state == .carried else {
                entries.append(nil)
                continue
            }
            let model = try await model(entry.model, origin, &shared)
            let audit = entry.audit(claimant: claim.host, round: origin, model: model, seed: seed)
            entries.append(
                AuditedClaim.Entry(
                    entry: entry, model: model, auditors: try await auditors(entry.model, origin, &shared),
                    sessions: try await payers(of: entry, audit, &shared)))
        }
        return AuditedClaim(claim: claim, round: origin, windows: windows, seed: seed, entries: entries)
    }

    private func model(
        _ id: String, _ round: RoundRecord, _ shared: inout SharedRecords
    ) async throws(LedgerAccessError) -> RoundModelRecord {
        let key = "\(round.id)/\(id)"
        if let known = shared.models[key] { return known }
        guard let record = try await ledger.model(id, in: round.id) else {
            throw .malformed("round \(round.id) has a claim for \(id) and no record of it")
        }
        shared.models[key] = record
        return record
    }

    private func auditors(
        _ model: String, _ round: RoundRecord, _ shared: inout SharedRecords
    ) async throws(LedgerAccessError) -> DrawEntries {
        let key = "\(round.epoch)/\(model)"
        if let known = shared.auditors[key] { return known }
        let record = try await ledger.auditors(of: model, in: round.epoch)
        let entries = zip(record?.hosts ?? [], record?.weights ?? []).map { DrawEntry(address: $0, weight: $1) }
        let drawn = DrawEntries(entries)
        shared.auditors[key] = drawn
        return drawn
    }

    private func payers(
        of entry: ClaimEntry, _ audit: EntryAudit, _ shared: inout SharedRecords
    ) async throws(LedgerAccessError) -> [UInt64: SessionRecord] {
        guard audit.measure == .fee else { return [:] }
        var sessions: [UInt64: SessionRecord] = [:]
        for id in Set((0..<audit.sampleCount).compactMap { entry.session(atFee: audit.point($0)) }) {
            if shared.sessions[id] == nil { shared.sessions[id] = try await ledger.session(id) }
            sessions[id] = shared.sessions[id]
        }
        return sessions
    }
}
