import Messages
import Primitives
import WireFormat

@testable import HostRoles

/// How hosts of a test reach each other as auditors do: the claimant's own desk behind its URL, without a socket. Hosts can be
/// away, and what they hand out can be changed on the way.
actor AuditExchange: AuditSource {
    struct Unreachable: Error {}

    private var desks: [String: AuditDesk] = [:]
    private var away: Set<String> = []
    private var change: @Sendable (inout AuditPayload) -> Void = { _ in }
    /// Requests that came, answered or not.
    private(set) var requests: [Signed<AuditRequest>] = []

    func open(_ url: String, _ desk: AuditDesk) { desks[url] = desk }

    func takeAway(_ url: String) { away.insert(url) }

    func bringBack(_ url: String) { away.remove(url) }

    func tamper(_ change: @escaping @Sendable (inout AuditPayload) -> Void) { self.change = change }

    func fetch(_ request: Signed<AuditRequest>, from url: String) async throws -> Bytes {
        requests.append(request)
        guard let desk = desks[url], !away.contains(url) else { throw Unreachable() }
        var payload = try AuditPayload.decode(try await desk.answer(request.encoded()))
        change(&payload)
        return payload.encoded()
    }
}
