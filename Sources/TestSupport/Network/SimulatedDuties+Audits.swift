import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore

/// Auditors, panels and claimants. All samples of a round are planned at once, as the public records give them.
extension SimulatedDuties {
    /// A sample with its auditors and its item; no item where nobody knows the claim's tree.
    struct Planned {
        let sample: SampleName
        let reference: SampleReference
        let audit: EntryAudit
        let model: RoundModelRecord
        let auditors: DrawEntries
        let interested: [Address]
        let item: SimulatedItem?
        let leaf: UInt64?

        var listed: [Address] { audit.auditors(of: sample.number, from: auditors, without: interested) }
    }

    /// The samples of all claims that are audited in the windows of `round`.
    func samples(auditedIn round: RoundRecord, _ ledger: TestLedger) throws -> [Planned] {
        let draw = round.timetable.window(.draw).upperBound
        guard let seed = try ledger.seed(endingAt: draw) else { return [] }
        var planned: [Planned] = []
        for claim in try ledger.claims(auditedIn: round.id) {
            let own = claim.round == round.id ? round : try ledger.roundRecord(claim.round) ?? round
            for (index, entry) in claim.entries.enumerated()
            where claim.outcomes.isEmpty || claim.outcomes[index].state == .carried {
                planned += try samples(of: entry, UInt64(index), of: claim, own, seed, ledger)
            }
        }
        return planned
    }

    private func samples(
        of entry: ClaimEntry, _ index: UInt64, of claim: ClaimRecord, _ round: RoundRecord, _ seed: Hash32,
        _ ledger: TestLedger
    ) throws -> [Planned] {
        let modelKey = StateKey.roundModel(round.id, model: entry.model)
        guard let model = try ledger.record(RoundModelRecord.self, at: modelKey) else { return [] }
        let audit = entry.audit(claimant: claim.host, round: round, model: model, seed: seed)
        let auditors = try ledger.auditors(epoch: round.epoch, model: entry.model)
        let known = self.entry(entry.root)
        return try (0..<audit.sampleCount).map { number in
            let point = audit.point(number)
            var interested: [Address] = []
            if audit.measure == .fee, let session = try entry.session(atFee: point).flatMap(ledger.session) {
                interested = [session.payer] + (session.keyHolder.map { [$0] } ?? [])
            }
            return Planned(
                sample: SampleName(round: round.id, claimant: claim.host, entry: index, number: number),
                reference: audit.sample(number), audit: audit, model: model, auditors: auditors, interested: interested,
                item: known?.item(at: point, by: audit.measure),
                leaf: known?.tree.leafIndex(covering: point, by: audit.measure))
        }
    }

    /// What the auditors with this place in the lists commit to.
    func audits(_ round: RoundRecord, place: Int, in ledger: TestLedger, _ height: UInt64) throws -> [Duty] {
        var parts: [Address: [Part]] = [:]
        for planned in try samples(auditedIn: round, ledger) {
            let listed = planned.listed
            guard place < listed.count else { continue }
            let auditor = listed[place]
            let taken = try listed.contains { other in
                let key = StateKey.audit(planned.sample, stage: .audit, by: other)
                return try ledger.record(AuditRecord.self, at: key)?.digest != nil
            }
            guard !taken, let part = commitment(to: planned, by: auditor, stage: .audit, panelSeed: nil, height) else {
                continue
            }
            parts[auditor, default: []].append(Part(sample: planned.sample, commitment: part))
        }
        return commitDuties(parts)
    }

    /// What the panels of disputed samples commit to.
    func appeals(_ round: RoundRecord, in ledger: TestLedger, _ height: UInt64) throws -> [Duty] {
        guard let seed = try ledger.seed(endingAt: round.timetable.window(.appealDraw).upperBound) else { return [] }
        var parts: [Address: [Part]] = [:]
        for planned in try samples(auditedIn: round, ledger) {
            guard let auditor = try disputingAuditor(of: planned, ledger) else { continue }
            let panel = planned.audit.panel(
                of: planned.sample.number, from: planned.auditors, without: planned.interested + [auditor], seed: seed)
            for member in panel {
                guard let part = commitment(to: planned, by: member, stage: .appeal, panelSeed: seed, height) else {
                    continue
                }
                parts[member, default: []].append(Part(sample: planned.sample, commitment: part))
            }
        }
        return commitDuties(parts)
    }

    /// The auditor whose opened result disagrees with the opened item.
    private func disputingAuditor(of planned: Planned, _ ledger: TestLedger) throws -> Address? {
        guard !planned.model.isObserved,
            let item = try ledger.record(OpenedItemRecord.self, at: StateKey.openedItem(planned.sample))
        else { return nil }
        for auditor in planned.listed {
            let key = StateKey.audit(planned.sample, stage: .audit, by: auditor)
            guard let result = try ledger.record(AuditRecord.self, at: key)?.result else { continue }
            return result.disputes(item, planned.model.thresholds) ? auditor : nil
        }
        return nil
    }

    private func commitment(
        to planned: Planned, by auditor: Address, stage: AuditStage, panelSeed: Hash32?, _ height: UInt64
    ) -> AuditCommitment? {
        let behaviour = behaviour(of: auditor)
        guard host(auditor) != nil, behaviour.isPresent(at: height) else { return nil }
        let claimant = self.behaviour(of: planned.sample.claimant)
        var part = AuditCommitment(
            claimant: planned.sample.claimant, entry: planned.sample.entry, number: planned.sample.number,
            outcome: .unavailable)
        guard let item = planned.item, claimant.isPresent(at: height),
            claimant.handsOut(planned.sample, to: auditor, stage: stage)
        else { return part }
        let honest = item.scored(panelSeed: panelSeed, sample: planned.reference)
        guard let result = behaviour.word(on: item, of: planned.sample, honest: honest, stage: stage) else {
            return nil
        }
        guard result.outcome == .scored || result.outcome == .differs else {
            part.outcome = result.outcome
            return part
        }
        commitments[Commitment(sample: planned.sample, stage: stage, auditor: auditor)] = result
        part.outcome = .scored
        part.digest = result.digest(
            salt: SimulatedDuties.salt(planned.sample, auditor), auditor: auditor, stage: stage,
            sample: planned.reference)
        return part
    }

    private struct Part {
        let sample: SampleName
        let commitment: AuditCommitment
    }

    /// One message for each auditor and round of claims.
    private func commitDuties(_ parts: [Address: [Part]]) -> [Duty] {
        var duties: [Duty] = []
        for (auditor, parts) in parts.sorted(by: { $0.key < $1.key }) {
            guard let host = host(auditor) else { continue }
            let rounds = Dictionary(grouping: parts, by: \.sample.round).sorted { $0.key < $1.key }
            for (round, parts) in rounds {
                let commitments = parts.sorted { $0.sample < $1.sample }.map(\.commitment)
                duties.append(
                    (
                        host,
                        MsgCommitAudit(
                            operatorAccount: host.operatorAccount.address, host: auditor, round: round,
                            commitments: commitments)
                    ))
            }
        }
        return duties
    }

    /// The results behind all commitments of this stage, and with the auditors' the claimants' items.
    func openings(_ round: RoundRecord, stage: AuditStage, in ledger: TestLedger, _ height: UInt64) throws -> [Duty] {
        let planned = try samples(auditedIn: round, ledger)
        let names = Set(planned.map(\.sample))
        var parts: [Address: [SampleName: AuditResult]] = [:]
        for (commitment, result) in commitments where commitment.stage == stage && names.contains(commitment.sample) {
            let key = StateKey.audit(commitment.sample, stage: stage, by: commitment.auditor)
            commitments[commitment] = nil
            guard try ledger.record(AuditRecord.self, at: key)?.digest != nil else { continue }
            parts[commitment.auditor, default: [:]][commitment.sample] = result
        }
        var duties: [Duty] = []
        for (auditor, results) in parts.sorted(by: { $0.key < $1.key }) {
            guard let host = host(auditor), behaviour(of: auditor).isPresent(at: height) else { continue }
            let rounds = Dictionary(grouping: results, by: \.key.round).sorted { $0.key < $1.key }
            for (round, results) in rounds {
                let openings = results.sorted { $0.key < $1.key }.map { sample, result in
                    AuditOpening(
                        claimant: sample.claimant, entry: sample.entry, number: sample.number,
                        salt: SimulatedDuties.salt(sample, auditor), result: result)
                }
                duties.append(
                    (
                        host,
                        MsgOpenAudit(
                            operatorAccount: host.operatorAccount.address, host: auditor, round: round,
                            openings: openings)
                    ))
            }
        }
        return stage == .audit ? try duties + itemDuties(planned, ledger, height) : duties
    }

    private func itemDuties(_ planned: [Planned], _ ledger: TestLedger, _ height: UInt64) throws -> [Duty] {
        struct Claim: Hashable, Comparable {
            let round: UInt64
            let host: Address

            static func < (left: Claim, right: Claim) -> Bool {
                (left.round, left.host) < (right.round, right.host)
            }
        }
        let claims = Dictionary(grouping: planned) { Claim(round: $0.sample.round, host: $0.sample.claimant) }
        var duties: [Duty] = []
        for (claim, samples) in claims.sorted(by: { $0.key < $1.key }) {
            let behaviour = behaviour(of: claim.host)
            guard let host = host(claim.host), behaviour.isPresent(at: height), behaviour.opensItems(of: claim.round),
                let record = try ledger.record(
                    ClaimRecord.self, at: StateKey.claim(round: claim.round, host: claim.host))
            else { continue }
            let entries = Dictionary(grouping: samples, by: \.sample.entry).sorted { $0.key < $1.key }
            let opened = entries.compactMap { index, samples -> OpenedEntry? in
                guard let known = entry(record.entries[Int(index)].root) else { return nil }
                return known.opened(index, at: Set(samples.compactMap(\.leaf)).sorted())
            }
            guard !opened.isEmpty else { continue }
            duties.append(
                (
                    host,
                    MsgOpenItems(
                        operatorAccount: host.operatorAccount.address, host: claim.host, round: claim.round,
                        entries: opened)
                ))
        }
        return duties
    }

    static func salt(_ sample: SampleName, _ auditor: Address) -> Bytes {
        Bytes(Hash32.sha256(sample.bytes + auditor.bytes).bytes.prefix(AuditRules.saltLength))
    }
}
