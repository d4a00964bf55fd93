import Cryptography
import EngineAPI
import LedgerClient
import Logging
import Messages
import Primitives
import ProtocolRules
import WireFormat

/// Looks at one sample: fetches, checks, scores once. Nothing of what it fetched outlives it.
struct AuditExaminer: Sendable {
    let identity: HostIdentity
    let engines: [any Engine]
    let ledger: any LedgerAccess
    let view: HostLedgerView
    let source: any AuditSource
    let gate: AttemptGate
    let limits: Limits
    let clock: any Clock<Duration>
    let logger: Logger

    /// How far an examination has come: what a host has to say openly that does not get further.
    enum Stage: Sendable {
        case fetching
        case checking
    }

    /// Fetches until it has the item or is cancelled, then checks and scores it.
    ///
    /// - Parameters:
    ///   - panelSeed: for a panel's member.
    ///   - note: told once, when the item is there.
    /// - Returns: the finding; nil where the calling task was cancelled before there was one.
    func examine(
        _ duty: AuditDuty, of claim: AuditedClaim, panelSeed: Hash32?, note: @Sendable (Stage) async -> Void
    ) async -> AuditFinding? {
        var wait = limits.auditBackOff
        var payload: AuditPayload?
        while await gate.enter() {
            if payload == nil { payload = await fetch(duty) }
            if payload != nil { await note(.checking) }
            let finding = await finding(payload, duty, claim, panelSeed)
            await gate.leave()
            if let finding { return finding }
            do { try await clock.sleep(for: wait) } catch { return nil }
            wait = min(wait * 2, limits.auditBackOffMax)
        }
        return nil
    }

    /// - Returns: nil where trying again may help.
    private func finding(
        _ payload: AuditPayload?, _ duty: AuditDuty, _ claim: AuditedClaim, _ panelSeed: Hash32?
    ) async -> AuditFinding? {
        guard let payload else { return nil }
        do throws(LedgerAccessError) {
            guard let result = try await result(payload, duty, claim, panelSeed) else {
                return AuditFinding(duty.name, stage: duty.stage, without: .cannotCheck)
            }
            return AuditFinding(duty.name, stage: duty.stage, result: result)
        } catch {
            logger.debug("a sample waits", metadata: ["sample": "\(duty.name)", "reason": "\(error)"])
            return nil
        }
    }

    /// - Returns: nil where the claimant does not give what can be read.
    private func fetch(_ duty: AuditDuty) async -> AuditPayload? {
        guard let claimant = try? await ledger.host(duty.name.claimant), let height = try? await view.current().height
        else { return nil }
        let request = AuditRequest(
            chainID: identity.chainID, auditor: identity.address, claimant: duty.name.claimant,
            round: duty.name.round, entry: duty.name.entry, number: duty.name.number, height: height)
        do {
            let body = try await source.fetch(Signed(request, by: identity.operatorKey), from: claimant.url)
            return try AuditPayload.decode(body)
        } catch {
            logger.debug("a sample was not handed out", metadata: ["sample": "\(duty.name)", "error": "\(error)"])
            return nil
        }
    }

    /// - Returns: nil where this host cannot check it.
    /// - Throws: `LedgerAccessError` where trying again may help.
    private func result(
        _ payload: AuditPayload, _ duty: AuditDuty, _ claim: AuditedClaim, _ panelSeed: Hash32?
    ) async throws(LedgerAccessError) -> AuditResult? {
        guard let entry = claim.entry(of: duty.name), let model = try await ledger.model(entry.entry.model),
            let engine = engines.first(where: { $0.capabilities.model == entry.entry.model })
        else { return nil }
        let place = entry.entry.place(of: payload.proof.index)
        var session: SessionRecord?
        if let place { session = try await ledger.session(place.session) }
        let audit = ItemAudit(
            chainID: identity.chainID, claim: claim, sample: duty.sample, entry: entry, model: model, session: session,
            maxTokensDefault: try await ledger.parameters().sessions.maxTokensDefault, engine: engine)
        let request: ScoreRequest
        do throws(ItemAudit.Failure) { request = try audit.check(payload) } catch {
            switch error {
            case .differs(let difference): return AuditResult(differs: difference)
            case .cannotCheck(let reason):
                logger.warning(
                    "a sample cannot be checked", metadata: ["sample": "\(duty.name)", "reason": "\(reason)"])
                return nil
            }
        }
        return try await score(request, on: engine, duty).flatMap {
            ItemScore(item: payload.item, isUnproven: session?.isUnproven ?? false, score: $0)
                .result(of: duty.sample.reference, panelSeed: panelSeed)
        }
    }

    private func score(
        _ request: ScoreRequest, on engine: any Engine, _ duty: AuditDuty
    ) async throws(LedgerAccessError) -> ScoreResult? {
        do throws(EngineError) { return try await engine.score(request) } catch {
            if error == .overloaded || Task.isCancelled { throw .unreachable("\(error)") }
            logger.warning("a sample cannot be scored", metadata: ["sample": "\(duty.name)", "error": "\(error)"])
            return nil
        }
    }
}
