import Messages
import Primitives

/// How an auditor reaches claimants.
package protocol AuditSource: Sendable {
    /// Asks the host at `url` for a sampled item.
    ///
    /// - Returns: the body of its answer, at most `Limits.auditPayloadBytesMax` bytes.
    /// - Throws: whatever kept it away; asking again may help.
    func fetch(_ request: Signed<AuditRequest>, from url: String) async throws -> Bytes
}
