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

    /// Who keeps a sample from being judged: what a host has to say openly that has found nothing in time.
    enum Obstacle: Sendable {
        /// This host, which did not ask yet, cannot read the ledger, or is not done with its checks.
        case auditor
        /// The claimant was asked and handed nothing out.
        case claimant
    }

    /// What an attempt came to.
    private enum Attempt {
        case found(AuditFinding)
        case toScore(ScoreRequest, WorkItem, isUnproven: Bool, on: any Engine)
        /// Trying again may help.
        case obstructed(Obstacle)
    }

    /// Fetches and checks until it has something to score or is cancelled, then scores it.
    ///
    /// Only so many payloads are held at once, and none while a busy engine is waited for: that keeps no host from asking. One whose
    /// engine cannot be reached to read it stays in hand.
    ///
    /// - Parameters:
    ///   - panelSeed: for a panel's member.
    ///   - note: told whenever somebody else is the obstacle; at first it is the auditor.
    /// - Returns: the finding; nil where the calling task was cancelled before there was one.
    func examine(
        _ duty: AuditDuty, of claim: AuditedClaim, panelSeed: Hash32?, note: @Sendable (Obstacle) async -> Void
    ) async -> AuditFinding? {
        var wait = limits.auditBackOff
        while await gate.enter() {
            let attempt = await attempt(duty, claim, note)
            await gate.leave()
            switch attempt {
            case .found(let finding): return finding
            case .toScore(let request, let item, let isUnproven, let engine):
                await note(.auditor)
                guard let score = await score(request, on: engine, duty) else {
                    return Task.isCancelled ? nil : AuditFinding(duty.name, stage: duty.stage, without: .cannotCheck)
                }
                let result = ItemScore(item: item, isUnproven: isUnproven, score: score)
                    .result(of: duty.sample.reference, panelSeed: panelSeed)
                return result.map { AuditFinding(duty.name, stage: duty.stage, result: $0) }
                    ?? AuditFinding(duty.name, stage: duty.stage, without: .cannotCheck)
            case .obstructed(let obstacle): await note(obstacle)
            }
            do { try await clock.sleep(for: wait) } catch { return nil }
            wait = min(wait * 2, limits.auditBackOffMax)
        }
        return nil
    }

    private func attempt(
        _ duty: AuditDuty, _ claim: AuditedClaim, _ note: @Sendable (Obstacle) async -> Void
    ) async -> Attempt {
        let payload: AuditPayload
        do throws(LedgerAccessError) {
            guard let fetched = try await fetch(duty) else { return .obstructed(.claimant) }
            payload = fetched
        } catch {
            logger.debug("a sample waits", metadata: ["sample": "\(duty.name)", "reason": "\(error)"])
            return .obstructed(.auditor)
        }
        // What was handed out is kept: a claimant hands a sample out so many times, and did its part with the first.
        await note(.auditor)
        var wait = limits.auditBackOff
        while true {
            do throws(LedgerAccessError) {
                let attempt = try await check(payload, duty, claim)
                guard case .found(let finding) = attempt, finding.result?.outcome == .differs else { return attempt }
                // What a connection damages, or another's answer that came over it, is not the claimant's word; what it says twice is.
                return try await fetch(duty) == payload ? attempt : .obstructed(.claimant)
            } catch {
                logger.debug("a sample waits", metadata: ["sample": "\(duty.name)", "reason": "\(error)"])
            }
            do { try await clock.sleep(for: wait) } catch { return .obstructed(.auditor) }
            wait = min(wait * 2, limits.auditBackOffMax)
        }
    }

    /// - Returns: nil where the claimant does not give what can be read.
    private func fetch(_ duty: AuditDuty) async throws(LedgerAccessError) -> AuditPayload? {
        guard let claimant = try await ledger.host(duty.name.claimant) else { return nil }
        guard let height = try? await view.current().height else { throw .unreachable("no block is known") }
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

    /// - Throws: `LedgerAccessError` where trying again may help.
    private func check(
        _ payload: AuditPayload, _ duty: AuditDuty, _ claim: AuditedClaim
    ) async throws(LedgerAccessError) -> Attempt {
        let nothing = Attempt.found(AuditFinding(duty.name, stage: duty.stage, without: .cannotCheck))
        guard let entry = claim.entry(of: duty.name), let model = try await ledger.model(entry.entry.model),
            let engine = engines.first(where: { $0.capabilities.model == entry.entry.model })
        else { return nothing }
        let place = entry.entry.place(of: payload.proof.index)
        var session: SessionRecord?
        if let place { session = try await ledger.session(place.session) }
        let audit = ItemAudit(
            chainID: identity.chainID, claim: claim, sample: duty.sample, entry: entry, model: model, session: session,
            maxTokensDefault: try await ledger.parameters().sessions.maxTokensDefault, engine: engine)
        do throws(ItemAudit.Failure) {
            let request = try await audit.check(payload)
            return .toScore(request, payload.item, isUnproven: session?.isUnproven ?? false, on: engine)
        } catch {
            switch error {
            case .differs(let difference):
                let result = AuditResult(differs: difference)
                return .found(AuditFinding(duty.name, stage: duty.stage, result: result))
            case .engineAway(let error): throw .unreachable("\(error)")
            case .cannotCheck(let reason):
                logger.warning(
                    "a sample cannot be checked", metadata: ["sample": "\(duty.name)", "reason": "\(reason)"])
                return nothing
            }
        }
    }

    /// Waits for as long as the engine has no room, or cannot be reached.
    ///
    /// - Returns: nil where the engine fails, or the calling task was cancelled.
    private func score(_ request: ScoreRequest, on engine: any Engine, _ duty: AuditDuty) async -> ScoreResult? {
        var wait = limits.auditBackOff
        while !Task.isCancelled {
            do throws(EngineError) { return try await engine.score(request) } catch {
                if Task.isCancelled { return nil }
                if !error.isTransient {
                    logger.warning(
                        "a sample cannot be scored", metadata: ["sample": "\(duty.name)", "error": "\(error)"])
                    return nil
                }
            }
            do { try await clock.sleep(for: wait) } catch { return nil }
            wait = min(wait * 2, limits.auditBackOffMax)
        }
        return nil
    }
}
