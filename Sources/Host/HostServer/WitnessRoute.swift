import HTTPEdge
import HTTPTypes
import HostRoles
import Hummingbird
import Messages
import NIOCore
import Primitives
import WireFormat

/// `POST /v1/witness`: a request that its executor left unanswered in, as that was sent it, with its voucher; out comes a signed
/// `MissStatement` in canonical protobuf, or 204 where the executor answers.
struct WitnessRoute: Sendable {
    let desk: WitnessDesk
    let bodies: BodyBudget

    /// Whether this host is a witness comes before the body, which counts against the budget until the executor was asked.
    func handle(_ request: Request, _ context: EdgeContext) async throws -> Response {
        let voucher = try VoucherHeader.parse(ChatRoute.voucherHeader.flatMap { request.headers[$0] })
        let mandate = try await desk.mandate(for: voucher)
        let share = bodies.share()
        defer { withExtendedLifetime(share) {} }
        let body = try await request.collectJSON(share: share)
        let desk = desk
        let statement = try await context.whileClientIsConnected { try await desk.look(body, for: mandate) }
        guard let statement else { return Response(status: .noContent) }
        return Response(
            status: .ok, headers: [.contentType: AuditRoute.contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: statement.encoded())))
    }
}
