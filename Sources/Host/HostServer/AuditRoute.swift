import HTTPEdge
import HTTPTypes
import HostRoles
import Hummingbird
import NIOCore
import OpenAIWire
import Primitives

/// `POST /v1/audits`: a signed request of an auditor in, the sampled item out; both in canonical protobuf.
struct AuditRoute: Sendable {
    static let contentType = "application/octet-stream"

    let desk: AuditDesk

    func handle(_ request: Request, _ context: EdgeContext) async throws -> Response {
        guard request.headers[.contentType] == Self.contentType, request.headers[.contentEncoding] == nil else {
            throw OpenAIError.auditRequestInvalid("send it as application/octet-stream, uncompressed")
        }
        let body = try await request.body.collect(upTo: HostRoles.Limits.auditRequestBytesMax)
        let desk = desk
        let payload = try await context.whileClientIsConnected { try await desk.answer(Bytes(buffer: body)) }
        return Response(
            status: .ok, headers: [.contentType: Self.contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: payload)))
    }
}
