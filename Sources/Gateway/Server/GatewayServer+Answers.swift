import Cryptography
import HTTPEdge
import HTTPTypes
import Hummingbird
import NIOCore
import OpenAIWire
import Primitives

/// The paths that models answer.
extension GatewayServer {
    private static let dialects: [(path: String, dialect: AnswerDialect)] = [
        ("/v1/chat/completions", .chat), ("/v1/completions", .text), ("/v1/responses", .responses),
    ]
    private static let embeddings = "/v1/embeddings"

    /// They answer to POST.
    static let answerPaths = dialects.map(\.path) + [embeddings]

    func addAnswers(to router: Router<EdgeContext>) {
        for (path, dialect) in Self.dialects {
            router.post(RouterPath(path)) { request, context in
                try await measured { measure in try await answer(request, context, dialect, measure) }
            }
        }
        router.post(RouterPath(Self.embeddings)) { request, context in
            try await measured { measure in try await embed(request, context, measure) }
        }
    }

    private func measured(_ work: (CompletionMeasure) async throws -> Response) async throws -> Response {
        let measure = CompletionMeasure(relay.pool.metrics)
        do { return try await work(measure) } catch {
            measure.end(error)
            if let code = (error as? OpenAIError)?.code {
                relay.pool.metrics.front.failed(code)
                RequestScope.current?.note { $0.code = code.rawValue }
            }
            throw error
        }
    }

    /// A request that was let in, with what it takes up until it is over.
    private struct Admitted {
        let key: APIKey
        /// The routing policy that the key names.
        let policy: KeyPolicy?
        let body: Bytes
        let place: RequestAdmission.Place
        let share: BodyBudget.Share
    }

    /// Credentials come first: who may not ask learns nothing about what would be wrong with the body, and takes no memory for it.
    private func admit(_ request: Request) async throws -> Admitted {
        let credential = try authorizer.credential(request.headers)
        guard let place = admission.enter() else { throw Self.busy }
        let share = bodies.share()
        let body = try await Self.body(of: request, share: share)
        let key = try authorizer.caller(credential, body: body)
        return Admitted(
            key: key, policy: try policies.policy(of: key.terms), body: body, place: place, share: share)
    }

    private func answer(
        _ request: Request, _ context: EdgeContext, _ dialect: AnswerDialect, _ measure: CompletionMeasure
    ) async throws -> Response {
        let admitted = try await admit(request)
        // Until no host needs the body any more.
        defer { withExtendedLifetime(admitted.share) {} }
        let question = try dialect.read(admitted.body) { model throws(OpenAIError) in try models.check(model) }
        var relayed = RelayRequest(
            question.completion, body: question.body, host: try Self.host(request.headers),
            requestID: RequestScope.current?.id)
        let bill = try await billing.open(admitted.key, for: relayed.completion)
        (relayed.bill, relayed.policy) = (bill, admitted.policy)
        measure.wants(stream: relayed.completion.streams)
        let answer = try await context.whileClientIsConnected { [relayed] in
            defer {
                measure.endIfCancelled()
                if Task.isCancelled { bill.clientLeft() }
            }
            return try await relay.answer(relayed)
        }
        measure.begin()
        let translation = question.writer.map(TranslatedStream.init)
        // Another host may need the body while the stream goes on.
        let share = relayed.mayBeContinued ? admitted.share : nil
        return try response(answer, measure, bill, holding: (admitted.place, share), context, translation)
    }

    /// An answer of numbers: whole, without choices and without a stream.
    private func embed(
        _ request: Request, _ context: EdgeContext, _ measure: CompletionMeasure
    ) async throws -> Response {
        let admitted = try await admit(request)
        defer { withExtendedLifetime((admitted.share, admitted.place)) {} }
        let decoded = try EmbeddingsRequest.decode(admitted.body)
        try models.check(decoded.model)
        let route = EmbeddingRoute(
            relay: relay, billing: billing, key: admitted.key, policy: admitted.policy,
            request: try decoded.validated(),
            host: try Self.host(request.headers), requestID: RequestScope.current?.id)
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

    /// The host that a request is for, or nil for any.
    private static func host(_ headers: HTTPFields) throws(OpenAIError) -> Address? {
        guard let text = headers[.gonkaHost] else { return nil }
        guard let host = Address(bech32: text) else { throw .unsupportedHost(text) }
        return host
    }

    private func response(
        _ answer: RelayedAnswer, _ measure: CompletionMeasure, _ bill: Bill,
        holding held: (RequestAdmission.Place, BodyBudget.Share?),
        _ context: EdgeContext, _ translation: TranslatedStream?
    ) throws -> Response {
        RequestScope.current?.note { ($0.host, $0.session) = (answer.host.bech32, answer.session) }
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
                // Until the last byte is out.
                defer { withExtendedLifetime(held) {} }
                let leave: @Sendable () -> Void = {
                    measure.end(.cancelled)
                    bill.clientLeft()
                    Task { await stream.abandon() }
                }
                try await context.whenClientLeaves(leave) { try await write(stream, translation, to: &writer) }
                measure.end(await stream.isBroken ? .broken : .success)
                try await writer.finish(nil)
            }
            return Response(status: .ok, headers: headers, body: body)
        }
    }

    private func write(
        _ stream: AnswerStream, _ translation: TranslatedStream?, to writer: inout any ResponseBodyWriter
    ) async throws {
        var translation = translation
        var last: ContinuousClock.Instant?
        do {
            while let piece = try await stream.next() {
                let now = ContinuousClock.now
                if let last { relay.pool.metrics.front.wrote(after: now - last) }
                last = now
                let written = try translation?.translate(piece) ?? piece
                if written.readableBytes > 0 { try await writer.write(written) }
            }
        } catch {
            await stream.abandon()
            throw error
        }
    }
}
