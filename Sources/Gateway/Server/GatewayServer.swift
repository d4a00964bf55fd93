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
    let keys: KeyDirectory
    let admission: RequestAdmission
    let bodies: BodyBudget

    /// What it answers to. Everything else is 404 or 405 in OpenAI's shape.
    func router(guardedBy originGuard: OriginGuard) -> Router<EdgeContext> {
        let router = Router(context: EdgeContext.self)
        router.add(middleware: OpenAIErrors())
        router.add(middleware: originGuard)
        let dialects: [(RouterPath, AnswerDialect)] = [
            ("/v1/chat/completions", .chat), ("/v1/completions", .text), ("/v1/responses", .responses),
        ]
        for (path, dialect) in dialects {
            router.post(path) { request, context in
                try await measured { measure in try await answer(request, context, dialect, measure) }
            }
        }
        router.post("/v1/embeddings") { request, context in
            try await measured { measure in try await embed(request, context, measure) }
        }
        router.get("/v1/models") { _, _ in
            Response.json(ModelDescription.list(try models.descriptions()).encoded())
        }
        // An id may hold slashes, percent-encoded or not.
        router.get("/v1/models/**") { request, _ in try model(at: request.uri.path) }
        router.get("/v1/gonka/routes/*") { request, _ in try route(request) }
        router.get("/healthz") { _, _ in Response.text("ok\n") }
        router.get("/readyz") { _, _ in await readiness() }
        router.refuseOtherMethods()
        return router
    }

    // MARK: Completions

    private func measured(_ work: (CompletionMeasure) async throws -> Response) async throws -> Response {
        let measure = CompletionMeasure(relay.pool.metrics)
        do { return try await work(measure) } catch {
            measure.end(error)
            throw error
        }
    }

    private func answer(
        _ request: Request, _ context: EdgeContext, _ dialect: AnswerDialect, _ measure: CompletionMeasure
    ) async throws -> Response {
        try authorise(request.headers)
        guard let place = admission.enter() else { throw Self.busy }
        let share = bodies.share()
        // Until no host needs the body any more.
        defer { withExtendedLifetime(share) {} }
        let body = try await Self.body(of: request, share: share)
        let question = try dialect.read(body) { model throws(OpenAIError) in try models.check(model) }
        let relayed = RelayRequest(
            question.completion, body: question.body, host: try Self.host(request.headers),
            requestID: request.headers[.requestID])
        measure.wants(stream: relayed.completion.streams)
        let answer = try await context.whileClientIsConnected {
            defer { measure.endIfCancelled() }
            return try await relay.answer(relayed)
        }
        measure.begin()
        let translation = question.writer.map(TranslatedStream.init)
        return try response(answer, measure, place: place, context, translation)
    }

    /// An answer of numbers: whole, without choices and without a stream.
    private func embed(
        _ request: Request, _ context: EdgeContext, _ measure: CompletionMeasure
    ) async throws -> Response {
        try authorise(request.headers)
        guard let place = admission.enter() else { throw Self.busy }
        let share = bodies.share()
        defer { withExtendedLifetime((share, place)) {} }
        let body = try await Self.body(of: request, share: share)
        let decoded = try EmbeddingsRequest.decode(body)
        try models.check(decoded.model)
        let route = EmbeddingRoute(relay: relay, request: try decoded.validated())
        let answer = try await context.whileClientIsConnected {
            defer { measure.endIfCancelled() }
            return try await route.answer()
        }
        measure.begin()
        measure.end(.success)
        return Response.json(answer)
    }

    private static let busy = OpenAIError.rateLimitExceeded(retryAfterSeconds: Limits.retryAfterSeconds)

    /// - Throws: 429 where all bodies together would be too much.
    private static func body(of request: Request, share: BodyBudget.Share) async throws -> Bytes {
        do { return try await request.collectJSON(share: share) } catch let error as OpenAIError {
            throw error.code == .overloaded ? busy : error
        }
    }

    /// - Throws: 401, before anything of the body is looked at.
    private func authorise(_ headers: HTTPFields) throws(OpenAIError) {
        guard let value = headers[.authorization], let key = Self.bearer(value), keys.name(of: key) != nil else {
            throw .invalidAPIKey
        }
    }

    /// The token of RFC 6750, its scheme in any case.
    private static func bearer(_ value: String) -> String? {
        let parts = value.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1])
    }

    /// The host that a request is for, or nil for any.
    private static func host(_ headers: HTTPFields) throws(OpenAIError) -> Address? {
        guard let text = headers[.gonkaHost] else { return nil }
        guard let host = Address(bech32: text) else { throw .unsupportedHost(text) }
        return host
    }

    private func response(
        _ answer: RelayedAnswer, _ measure: CompletionMeasure, place: RequestAdmission.Place, _ context: EdgeContext,
        _ translation: TranslatedStream?
    ) throws -> Response {
        var headers: HTTPFields = [
            .gonkaHost: answer.host.bech32, .gonkaSession: "\(answer.session)", .gonkaRoute: answer.route,
        ]
        switch answer.content {
        case .plain(let body):
            headers[.contentType] = "application/json"
            var translation = translation
            let written = try translation?.translate(whole: body) ?? body
            measure.end(.success)
            return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: written))
        case .stream(let stream):
            headers[.contentType] = "text/event-stream"
            headers[.cacheControl] = "no-cache"
            let body = ResponseBody { writer in
                // The place is taken until the last byte is out.
                defer { withExtendedLifetime(place) {} }
                let leave: @Sendable () -> Void = {
                    measure.end(.cancelled)
                    Task { await stream.abandon() }
                }
                try await context.whenClientLeaves(leave) { try await Self.write(stream, translation, to: &writer) }
                measure.end(await stream.isBroken ? .broken : .success)
                try await writer.finish(nil)
            }
            return Response(status: .ok, headers: headers, body: body)
        }
    }

    private static func write(
        _ stream: AnswerStream, _ translation: TranslatedStream?, to writer: inout any ResponseBodyWriter
    ) async throws {
        var translation = translation
        do {
            while let piece = try await stream.next() {
                let written = try translation?.translate(piece) ?? piece
                if written.readableBytes > 0 { try await writer.write(written) }
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

    /// The way that a request took, by the id of the decision, the answer or the client's own.
    private func route(_ request: Request) throws(OpenAIError) -> Response {
        try authorise(request.headers)
        let encoded = request.uri.path.dropFirst("/v1/gonka/routes/".count)
        guard let id = PercentEncoding.decode(encoded), let route = relay.routes.explain(id) else {
            throw .unknownURL
        }
        return Response.json(route.encoded())
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
            ("/v1/chat/completions", [.post]), ("/v1/completions", [.post]), ("/v1/responses", [.post]),
            ("/v1/embeddings", [.post]), ("/v1/models", [.get]), ("/v1/models/**", [.get]),
            ("/v1/gonka/routes/*", [.get]), ("/healthz", [.get]), ("/readyz", [.get]),
        ]
        let all: [HTTPRequest.Method] = [.get, .post, .put, .patch, .delete, .head]
        for (path, methods) in allowed {
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
    /// Why this host: what `gonka explain` wants to know.
    static let gonkaRoute = named("X-Gonka-Route")
    /// What the client calls its request.
    static let requestID = named("X-Request-Id")

    private static func named(_ name: String) -> HTTPField.Name {
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
