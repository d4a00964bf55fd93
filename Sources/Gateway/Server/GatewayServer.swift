import Cryptography
import HTTPEdge
import HTTPTypes
import Hummingbird
import NIOCore
import OpenAIWire
import Primitives
import WireFormat

/// The OpenAI front: reads and checks requests, hands them to the relay, writes answers.
struct GatewayServer: Sendable {
    let relay: Relay
    let models: ModelDirectory
    let authorizer: Authorizer
    let admission: RequestAdmission
    let bodies: BodyBudget
    let billing: Billing
    let discovery: DiscoveryRoutes
    let status: GatewayStatus
    let scopes: RequestScopes

    /// What it answers to. Everything else is 404 or 405 in OpenAI's shape.
    func router(guardedBy originGuard: OriginGuard) -> Router<EdgeContext> {
        let router = Router(context: EdgeContext.self)
        router.add(middleware: scopes)
        router.add(middleware: OpenAIErrors())
        router.add(middleware: originGuard)
        // Again, so that a page that may ask can read refusals too.
        router.add(middleware: OpenAIErrors())
        router.post("/v1/chat/completions") { request, context in try await complete(request, context) }
        router.get("/v1/models") { _, _ in
            Response.json(ModelDescription.list(try models.descriptions()).encoded())
        }
        // An id may hold slashes, percent-encoded or not.
        router.get("/v1/models/**") { request, _ in try model(at: request.uri.path) }
        router.get("/healthz") { _, _ in Response.text("ok\n") }
        router.get("/readyz") { _, _ in await readiness() }
        router.get("/v1/gonka/status") { _, _ in Response.json(await status.json().encoded()) }
        discovery.add(to: router)
        router.refuseOtherMethods()
        return router
    }

    // MARK: Completions

    private func complete(_ request: Request, _ context: EdgeContext) async throws -> Response {
        let measure = CompletionMeasure(relay.pool.metrics)
        do { return try await answer(request, context, measure) } catch {
            measure.end(error)
            if let code = (error as? OpenAIError)?.code {
                relay.pool.metrics.front.failed(code)
                RequestScope.current?.note { $0.code = code.rawValue }
            }
            throw error
        }
    }

    private func answer(
        _ request: Request, _ context: EdgeContext, _ measure: CompletionMeasure
    ) async throws -> Response {
        let credential = try authorizer.credential(request.headers)
        guard let place = admission.enter() else { throw Self.busy }
        let share = bodies.share()
        // Until no host needs the body any more.
        defer { withExtendedLifetime(share) {} }
        let body = try await Self.body(of: request, share: share)
        let key = try authorizer.caller(credential, body: body)
        let decoded = try DecodedChatCompletion.decode(body)
        try models.check(decoded.model)
        var relayed = RelayRequest(try decoded.validated(), body: body, host: try Self.host(request.headers))
        let bill = try await billing.open(key, for: relayed.completion)
        (relayed.bill, relayed.policy) = (bill, key.terms.policy)
        measure.wants(stream: relayed.completion.streams)
        let answer = try await context.whileClientIsConnected { [relayed] in
            defer {
                measure.endIfCancelled()
                if Task.isCancelled { bill.clientLeft() }
            }
            return try await relay.answer(relayed)
        }
        measure.begin()
        return response(answer, measure, bill, place: place, context)
    }

    private static let busy = OpenAIError.rateLimitExceeded(retryAfterSeconds: Limits.retryAfterSeconds)

    /// - Throws: 429 where all bodies together would be too much.
    private static func body(of request: Request, share: BodyBudget.Share) async throws -> Bytes {
        do { return try await request.collectJSON(share: share) } catch let error as OpenAIError {
            throw error.code == .overloaded ? busy : error
        }
    }

    /// The host that a request is for, or nil for any.
    private static func host(_ headers: HTTPFields) throws(OpenAIError) -> Address? {
        guard let text = headers[.gonkaHost] else { return nil }
        guard let host = Address(bech32: text) else { throw .unsupportedHost(text) }
        return host
    }

    private func response(
        _ answer: RelayedAnswer, _ measure: CompletionMeasure, _ bill: Bill, place: RequestAdmission.Place,
        _ context: EdgeContext
    ) -> Response {
        RequestScope.current?.note { ($0.host, $0.session) = (answer.host.bech32, answer.session) }
        var headers: HTTPFields = [.gonkaHost: answer.host.bech32, .gonkaSession: "\(answer.session)"]
        switch answer.content {
        case .plain(let body):
            headers[.contentType] = "application/json"
            measure.end(.success)
            return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
        case .stream(let stream):
            headers[.contentType] = "text/event-stream"
            headers[.cacheControl] = "no-cache"
            let body = ResponseBody { writer in
                // The place is taken until the last byte is out.
                defer { withExtendedLifetime(place) {} }
                let leave: @Sendable () -> Void = {
                    measure.end(.cancelled)
                    bill.clientLeft()
                    Task { await stream.abandon() }
                }
                try await context.whenClientLeaves(leave) { try await write(stream, to: &writer) }
                measure.end(await stream.isBroken ? .broken : .success)
                try await writer.finish(nil)
            }
            return Response(status: .ok, headers: headers, body: body)
        }
    }

    private func write(_ stream: HostStream, to writer: inout any ResponseBodyWriter) async throws {
        var last: ContinuousClock.Instant?
        do {
            while let piece = try await stream.next() {
                let now = ContinuousClock.now
                if let last { relay.pool.metrics.front.wrote(after: now - last) }
                last = now
                try await writer.write(piece)
            }
        } catch {
            await stream.abandon()
            throw error
        }
    }

    // MARK: The rest

    private func model(at path: String) throws(OpenAIError) -> Response {
        let encoded = path.dropFirst("/v1/models/".count)
        guard let id = PercentEncoding.decode(encoded) else { throw .modelNotFound(String(encoded)) }
        guard let model = try models.descriptions().first(where: { $0.id.utf8.elementsEqual(id.utf8) }) else {
            throw .modelNotFound(id)
        }
        return Response.json(model.json.encoded())
    }

    private func readiness() async -> Response {
        let obstacles = await relay.pool.obstacles()
        let silence = await relay.pool.ledgerSilence
        let text: JSONValue = [
            "ready": .boolean(obstacles.isEmpty), "obstacles": .array(obstacles.map { .string($0) }),
            "ledger_silence_seconds": silence.map { .number(UInt64(clamping: $0.components.seconds)) } ?? .null,
        ]
        return Response.json(text.encoded(), status: obstacles.isEmpty ? .ok : .serviceUnavailable)
    }
}

extension Router<EdgeContext> {
    /// Names the methods that a known path answers to.
    fileprivate func refuseOtherMethods() {
        let allowed: [(path: RouterPath, methods: [HTTPRequest.Method])] = [
            ("/v1/chat/completions", [.post]), ("/v1/models", [.get]), ("/v1/models/**", [.get]),
            ("/v1/gonka/status", [.get]), ("/healthz", [.get]), ("/readyz", [.get]),
        ]
        let pages = DiscoveryRoutes.paths.map { (path: RouterPath($0), methods: [HTTPRequest.Method.get]) }
        let all: [HTTPRequest.Method] = [.get, .post, .put, .patch, .delete, .head]
        for (path, methods) in allowed + pages {
            let names = methods.map(\.rawValue).joined(separator: ", ")
            for method in all where !methods.contains(method) {
                on(path, method: method) { _, _ -> Response in throw OpenAIError.methodNotAllowed(names) }
            }
        }
    }
}

extension HTTPField.Name {
    /// The host that answered; in a request, the only one that may.
    static let gonkaHost = named(OpenAIError.hostHeader)
    /// The session that paid.
    static let gonkaSession = named("X-Gonka-Session")

    static func named(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is a token of RFC 9110") }
        return name
    }
}

extension OpenAIError {
    static let hostHeader = "X-Gonka-Host"

    /// A request for a host that no open session of its model can pay.
    static func unsupportedHost(_ host: String) -> OpenAIError {
        .unsupported(hostHeader, value: host, instead: "name a host of an open session, or leave the header out")
    }
}
