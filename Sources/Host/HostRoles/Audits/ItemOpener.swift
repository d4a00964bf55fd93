import Cryptography
import LedgerClient
import Logging
import Messages
import OpenAIWire
import Primitives
import ProtocolRules

/// Opens the host's own sampled items in the open window: item, fingerprint and salt of each, with one proof for each entry.
struct ItemOpener: Sendable {
    let identity: HostIdentity
    let book: AuditBook
    let registry: ClaimRegistry
    let ledger: any LedgerAccess
    let logger: Logger

    /// What is to be sent now.
    func offers(_ now: HostLedgerView.Snapshot) async throws(LedgerAccessError) -> [DutyOffer] {
        var offers: [DutyOffer] = []
        for audited in await book.rounds {
            let window = audited.round.timetable.window(.open)
            guard now.height < window.upperBound, now.height + 1 >= window.lowerBound else { continue }
            for claim in audited.claims where claim.claim.host == identity.address {
                if let offer = try await offer(claim, last: window.upperBound) { offers.append(offer) }
            }
        }
        return offers
    }

    private func offer(_ claim: AuditedClaim, last: UInt64) async throws(LedgerAccessError) -> DutyOffer? {
        let samples = claim.samples
        // All are opened together, so one of them tells of all.
        guard let first = samples.first, try await ledger.openedItem(first.name) == nil else { return nil }
        var entries: [OpenedEntry] = []
        for (place, entry) in claim.entries.enumerated() {
            let points = samples.filter { $0.name.entry == UInt64(place) }
            guard let entry, !points.isEmpty else { continue }
            do throws(OpenAIError) {
                entries.append(try await opened(entry.entry, at: UInt64(place), points, round: claim.claim.round))
            } catch {
                logger.error(
                    "sampled items are lost and cannot be opened",
                    metadata: ["round": "\(claim.claim.round)", "model": "\(entry.entry.model)"])
            }
        }
        guard !entries.isEmpty else { return nil }
        let message = MsgOpenItems(
            operatorAccount: identity.operatorKey.publicKey.address, host: identity.address,
            round: claim.claim.round, entries: entries)
        return DutyOffer(
            duty: DutySender.Duty(kind: MsgOpenItems.typeURL, round: claim.claim.round, window: .open),
            message: message, last: last,
            figures: [
                "round": "\(claim.claim.round)", "items": "\(entries.reduce(0) { $0 + $1.items.count })",
            ])
    }

    /// - Throws: `.itemNotFound` or `.internalError` where the host's own log does not hold what it claimed.
    private func opened(
        _ entry: ClaimEntry, at place: UInt64, _ samples: [AuditedSample], round: UInt64
    ) async throws(OpenAIError) -> OpenedEntry {
        let tree = try await registry.tree(of: entry, round: round)
        let indices = Set(samples.compactMap { tree.leafIndex(covering: $0.point, by: $0.measure) }).sorted()
        guard let proof = tree.proof(at: indices) else { throw .internalError }
        var items: [OpenedItem] = []
        for index in indices { items.append(try await registry.item(at: index, of: entry, round: round).opened) }
        return OpenedEntry(entry: place, items: items, proof: proof)
    }
}
