import EngineAPI
import EngineWire
import HTTPEdge
import Hummingbird
import Primitives
import WireFormat

/// What an ML node answers to (`EngineWire`).
struct MLNodeRoutes: Sendable {
    /// At least one; requests that name no model mean the first.
    let engines: [any Engine]
    let token: AccessToken
    let keepAlive: Duration
    let work: NodeWork
    let bodies: BodyBudget

    func router(guardedBy originGuard: OriginGuard) -> Router<EdgeContext> {
        let router = Router(context: EdgeContext.self)
        router.add(middleware: OpenAIErrors())
        router.add(middleware: originGuard)
        router.get("healthz") { _, _ in Response.text("ok\n") }
        router.get("readyz") { _, _ in readiness() }
        router.get("v1/status") { _, _ in status() }
        let guarded = router.group().add(middleware: TokenGuard(token: token))
        guarded.get("v1/\(EngineWire.Path.capabilities)") { _, _ in
            Response.json(try CapabilitiesBody(engines).map { try EngineWire.encode($0) } ?? [])
        }
        guarded.get("v1/\(EngineWire.Path.vocabulary)") { request, _ in try vocabulary(request) }
        guarded.post("v1/\(EngineWire.Path.render)") { try await render($0, $1) }
        guarded.post("v1/\(EngineWire.Path.tokenize)") { try await tokenize($0, $1) }
        guarded.post("v1/\(EngineWire.Path.generate)") { try await generate($0, $1) }
        guarded.post("v1/\(EngineWire.Path.score)") { try await score($0, $1) }
        guarded.post("v1/\(EngineWire.Path.embed)") { try await embed($0, $1) }
        return router
    }

    private func vocabulary(_ request: Request) throws -> Response {
        let engine: any Engine
        do throws(EngineError) { engine = try self.engine(request.uri.queryParameters["model"].map(String.init)) } catch
        {
            return .json(try EngineWire.encode(EngineErrorBody(error)), status: .init(code: error.status))
        }
        let pieces = (0..<engine.capabilities.vocabularySize).map { engine.bytes(of: $0) }
        return .json(try EngineWire.encode(VocabularyBody(pieces)))
    }

    private func readiness() -> Response {
        work.reading.isDraining ? .text("stopping\n", status: .serviceUnavailable) : .text("ok\n")
    }

    private func status() -> Response {
        let reading = work.reading
        let first = engines.first?.capabilities
        let body: JSONValue = [
            "model": .string(first?.model ?? ""), "file_hash": .string("\(first?.fileHash ?? .zero)"),
            "models": .array(
                engines.map { ["model": .string($0.capabilities.model), "loaded": .boolean($0.isLoaded)] }),
            "capacity": .number(Int64(engines.reduce(0) { $0 + $1.capabilities.parallelSequences })),
            "running": .number(Int64(reading.running)), "finished": .number(Int64(reading.finished)),
            "failed": .number(Int64(reading.failed)),
        ]
        return .json(body.encoded())
    }

    private func render(_ request: Request, _ context: EdgeContext) async throws -> Response {
        try await answering(.render) {
            let share = bodies.share()
            defer { withExtendedLifetime(share) {} }
            let body = try await body(RenderBody.self, of: request, share)
            let tokens = try await engine(body.model).render(try body.conversation())
            return .json(try EngineWire.encode(RenderedBody(tokens)))
        }
    }

    private func tokenize(_ request: Request, _ context: EdgeContext) async throws -> Response {
        try await answering(.render) {
            let share = bodies.share()
            defer { withExtendedLifetime(share) {} }
            let body = try await body(TokenizeBody.self, of: request, share)
            let tokens = try await engine(body.model).tokenize(body.text)
            return .json(try EngineWire.encode(RenderedBody(tokens)))
        }
    }

    private func generate(_ request: Request, _ context: EdgeContext) async throws -> Response {
        try await answering(.generate) {
            let share = bodies.share()
            let body = try await body(GenerateBody.self, of: request, share)
            let engine = try engine(body.model, fileHash: body.fileHash)
            let generateRequest = try body.request()
            return EventAnswer(work: work, kind: .generate, keepAlive: keepAlive).response(context) { sink in
                // The decoded request lives as long.
                defer { withExtendedLifetime(share) {} }
                for try await token in engine.generate(generateRequest) {
                    sink(try EngineWire.encode(TokenBody(token)))
                }
            }
        }
    }

    private func score(_ request: Request, _ context: EdgeContext) async throws -> Response {
        try await answering(.score) {
            let share = bodies.share()
            let body = try await body(ScoreBody.self, of: request, share)
            let engine = try engine(body.model, fileHash: body.fileHash)
            let scoreRequest = try body.request()
            return EventAnswer(work: work, kind: .score, keepAlive: keepAlive).response(context) { sink in
                defer { withExtendedLifetime(share) {} }
                for position in try await engine.score(scoreRequest).positions {
                    sink(try EngineWire.encode(PositionBody(position)))
                }
            }
        }
    }

    private func embed(_ request: Request, _ context: EdgeContext) async throws -> Response {
        try await answering(.embed) {
            let share = bodies.share()
            let body = try await body(EmbedBody.self, of: request, share)
            let engine = try engine(body.model, fileHash: body.fileHash)
            return EventAnswer(work: work, kind: .embed, keepAlive: keepAlive).response(context) { sink in
                defer { withExtendedLifetime(share) {} }
                for part in EmbeddingBody.parts(of: try await engine.embed(body.prompt)) {
                    sink(try EngineWire.encode(part))
                }
            }
        }
    }

    private func engine(_ model: String?) throws(EngineError) -> any Engine {
        guard let engine = engines.first(where: { model == nil || $0.capabilities.model == model }) else {
            throw .unsupported(field: "model")
        }
        return engine
    }

    /// A host that means another file must not get this one's tokens.
    private func engine(_ model: String?, fileHash: String) throws(EngineError) -> any Engine {
        let engine = try engine(model)
        let own = engine.capabilities.fileHash
        guard let asked = Hex.decode(fileHash).flatMap({ Hash32($0) }) else { throw .unsupported(field: "file_hash") }
        guard asked == own else { throw .wrongModelFile(path: "this node", expected: asked, found: own) }
        return engine
    }

    private func body<Body: Decodable>(
        _ type: Body.Type, of request: Request, _ share: BodyBudget.Share
    ) async throws -> Body {
        let bytes = try await request.collectJSON(share: share)
        do { return try EngineWire.decode(type, from: bytes) } catch let error as DecodingError {
            throw EngineError.unsupported(field: error.field)
        }
    }

    /// Gives an engine's refusal its status and shape; refuses everything while the node is full or about to stop.
    private func answering(
        _ kind: MLNodeMetrics.Kind, _ answer: () async throws -> Response
    ) async throws -> Response {
        let reading = work.reading
        do {
            if reading.isDraining { throw EngineError.stopped }
            if reading.running >= Self.requestsMax { throw EngineError.overloaded }
            return try await answer()
        } catch let error as EngineError {
            work.refuse(kind, error)
            return .json(try EngineWire.encode(EngineErrorBody(error)), status: .init(code: error.status))
        }
    }

    /// Requests for tokens and scores in hand: what a slow reader leaves untaken stays in memory, up to 10 MB each.
    private static let requestsMax = 256
}

extension DecodingError {
    /// What of a body cannot be read, as a path.
    fileprivate var field: String {
        let path =
            switch self {
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
                context.codingPath
            case .keyNotFound(let key, let context): context.codingPath + [key]
            @unknown default: [any CodingKey]()
            }
        return path.isEmpty ? "body, which is no JSON of this request" : path.map(\.stringValue).joined(separator: ".")
    }
}

/// Lets in who has the token.
struct TokenGuard: RouterMiddleware {
    let token: AccessToken

    func handle(
        _ request: Request, context: EdgeContext, next: (Request, EdgeContext) async throws -> Response
    ) async throws -> Response {
        guard token.admits(header: request.headers[.authorization]) else {
            let error = EngineErrorBody(
                unauthorized:
                    "This ML node wants its token: send the text of its token file as 'Authorization: Bearer …'.")
            return .json(try EngineWire.encode(error), status: .unauthorized)
        }
        return try await next(request, context)
    }
}
