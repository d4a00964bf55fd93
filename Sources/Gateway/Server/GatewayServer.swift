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
    let policies: KeyPolicies
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
        addAnswers(to: router)
        router.get("/v1/models") { _, _ in
            Response.json(ModelDescription.list(try models.descriptions()).encoded())
        }
        // An id may hold slashes, percent-encoded or not.
        router.get("/v1/models/**") { request, _ in try model(at: request.uri.path) }
        router.get("/healthz") { _, _ in Response.text("ok\n") }
        router.get("/readyz") { _, _ in await readiness() }
        router.get("/v1/gonka/routes/*") { request, _ in try route(request) }
        router.get("/v1/gonka/status") { _, _ in Response.json(await status.json().encoded()) }
        discovery.add(to: router)
        router.refuseOtherMethods()
        return router
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
        // A signature of nothing shows nobody's right.
        guard case .key = try authorizer.credential(request.headers) else { throw .invalidAPIKey }
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
            ("/v1/models", [.get]), ("/v1/models/**", [.get]), ("/v1/gonka/routes/*", [.get]),
            ("/v1/gonka/status", [.get]), ("/healthz", [.get]), ("/readyz", [.get]),
        ]
        let pages = DiscoveryRoutes.paths.map { (path: RouterPath($0), methods: [HTTPRequest.Method.get]) }
        let answers = GatewayServer.answerPaths.map { (path: RouterPath($0), methods: [HTTPRequest.Method.post]) }
        let all: [HTTPRequest.Method] = [.get, .post, .put, .patch, .delete, .head]
        for (path, methods) in allowed + pages + answers {
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
