import HTTPEdge
import HTTPTypes
import Hummingbird
import NIOCore

/// Gives each request its scope, and each answer, refusals included, the request's id and what else was noted for its headers.
/// It stands before everything else.
struct RequestScopes: RouterMiddleware {
    let log: AccessLog?
    let clock: WallClock

    func handle(
        _ request: Request, context: EdgeContext, next: (Request, EdgeContext) async throws -> Response
    ) async throws -> Response {
        let scope = RequestScope(request.headers)
        let began = ContinuousClock.now
        var response = try await RequestScope.$current.withValue(scope) { try await next(request, context) }
        response.headers[.requestID] = scope.id
        response.headers[.traceParent] = scope.trace.parent
        for field in scope.notes.headers { response.headers[field.name] = field.value }
        guard let log else { return response }
        let entry = AccessEntry(
            seconds: clock.seconds, id: scope.id, traceID: scope.trace.traceID, method: request.method.rawValue,
            path: request.uri.path, status: response.status.code)
        let answered = ContinuousClock.now - began
        // A stream ends long after its head; one that the client left ends when its body is let go of.
        let ending = AccessEnding {
            log.write(entry.line(scope.notes, head: answered, whole: ContinuousClock.now - began))
        }
        let body = response.body
        response.body = ResponseBody(contentLength: body.contentLength) { writer in
            defer { withExtendedLifetime(ending) {} }
            try await body.write(writer)
        }
        return response
    }
}

/// Writes one line when the last who knows of a request lets go of it.
private final class AccessEnding: Sendable {
    private let write: @Sendable () -> Void

    init(_ write: @escaping @Sendable () -> Void) { self.write = write }

    deinit { write() }
}
