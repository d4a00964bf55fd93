import Cryptography
import LedgerClient
import Messages
import OpenAIWire
import Primitives
import ProtocolRules
import WireFormat

/// Hands the host's sampled items out to those who have to judge them, and to nobody else: the auditors that the ledger's draw lists
/// for a sample while they may commit, the members of its panel while those may.
///
/// What costs nothing is checked first. Nobody gets the fingerprint or its salt before the open window.
public actor AuditDesk {
    private struct Visit: Hashable {
        let auditor: Address
        let sample: SampleName
        let stage: AuditStage
    }

    private let identity: HostIdentity
    private let book: AuditBook
    private let registry: ClaimRegistry
    private let view: HostLedgerView
    private let ledger: any LedgerAccess
    private let limits: Limits
    private var visits: [Visit: Int] = [:]
    private var busy = 0
    /// Auditors' operator keys as of one height.
    private var keys: (height: UInt64, known: [Address: PublicKey]) = (0, [:])

    public init(
        identity: HostIdentity, book: AuditBook, registry: ClaimRegistry, view: HostLedgerView,
        ledger: any LedgerAccess, limits: Limits = Limits()
    ) {
        self.identity = identity
        self.book = book
        self.registry = registry
        self.view = view
        self.ledger = ledger
        self.limits = limits
    }

    /// The canonical `AuditPayload` that a signed request is for.
    ///
    /// - Throws: the refusal.
    public func answer(_ body: Bytes) async throws(OpenAIError) -> Bytes {
        let signed: Signed<AuditRequest>
        do throws(WireError) { signed = try Signed<AuditRequest>.decode(body) } catch {
            throw .auditRequestInvalid("it is not a canonical signed request")
        }
        let request = signed.statement
        guard request.chainID == identity.chainID else { throw .auditRequestInvalid("it is for another chain") }
        guard request.claimant == identity.address else { throw .auditRequestInvalid("it is for another host") }
        let height = try await view.current().height
        let distance = max(height, request.height) - min(height, request.height)
        guard distance <= limits.auditRequestAgeMax else {
            throw .auditRequestInvalid("it was signed at a height that is not the ledger's")
        }
        let name = SampleName(
            round: request.round, claimant: request.claimant, entry: request.entry, number: request.number)
        guard let (claim, sample, stage) = await book.entitlement(of: request.auditor, to: name, height: height) else {
            throw .auditNotEntitled
        }
        guard signed.isValid(under: try await key(of: request.auditor, height)) else { throw .auditSignatureInvalid }
        guard busy < limits.auditAnswersAtOnceMax else {
            throw .overloaded(retryAfterSeconds: limits.retryAfterSeconds)
        }
        try count(Visit(auditor: request.auditor, sample: name, stage: stage))
        busy += 1
        defer { busy -= 1 }
        return try await payload(of: sample, in: claim).encoded()
    }

    private func key(of auditor: Address, _ height: UInt64) async throws(OpenAIError) -> PublicKey {
        if keys.height != height { keys = (height, [:]) }
        if let key = keys.known[auditor] { return key }
        let record: HostRecord?
        do throws(LedgerAccessError) { record = try await ledger.host(auditor) } catch {
            throw .overloaded(retryAfterSeconds: limits.retryAfterSeconds)
        }
        guard let record, let key = PublicKey(compressed: record.operatorKey) else { throw .auditNotEntitled }
        keys.known[auditor] = key
        return key
    }

    /// An auditor may ask again, as connections break, but not without end.
    private func count(_ visit: Visit) throws(OpenAIError) {
        guard visits[visit, default: 0] < limits.auditAnswersMax else {
            throw .rateLimitExceeded(retryAfterSeconds: limits.auditRefusalSeconds)
        }
        visits[visit, default: 0] += 1
    }

    private func payload(of sample: AuditedSample, in claim: AuditedClaim) async throws(OpenAIError) -> AuditPayload {
        guard let entry = claim.entry(of: sample.name)?.entry else { throw .itemNotFound }
        let tree = try await registry.tree(of: entry, round: claim.claim.round)
        guard let index = tree.leafIndex(covering: sample.point, by: sample.measure),
            let proof = tree.proof(at: index)
        else { throw .itemNotFound }
        return try await registry.item(at: index, of: entry, round: claim.claim.round).payload(proof: proof)
    }

    /// Forgets who asked for samples of rounds that are over.
    func forgetVisits(except rounds: Set<UInt64>) {
        visits = visits.filter { rounds.contains($0.key.sample.round) }
    }
}
