import Cryptography
import HTTPEdge
import HTTPTypes
import Hummingbird
import OpenAIWire
import Primitives
import WireFormat

/// What administers a gateway from outside: its keys, what they used, where it stands. On a port of its own; every request shows
/// the token, and what is changed counts at once.
struct AdminRoutes: Sendable {
    let keys: KeyDirectory
    let policies: KeyPolicies
    let usage: UsageBook
    let status: GatewayStatus
    let token: AdminToken

    func router(guardedBy originGuard: OriginGuard) -> Router<EdgeContext> {
        let router = Router(context: EdgeContext.self)
        router.add(middleware: OpenAIErrors())
        router.add(middleware: originGuard)
        router.add(middleware: TokenCheck(token: token))
        router.get("/admin/keys") { _, _ in
            json(["keys": .array(try keys.all.map { try description($0) })])
        }
        router.post("/admin/keys") { request, _ in try create(try await body(of: request)) }
        router.get("/admin/keys/:name") { _, context in json(try description(try key(context))) }
        router.patch("/admin/keys/:name") { request, context in
            try change(try key(context).name, try await body(of: request))
        }
        router.delete("/admin/keys/:name") { _, context in
            let name = try key(context).name
            _ = try keys.update { (keys) throws(GatewayError) in try keys.remove(name: name) }
            return json(["removed": .string(name)])
        }
        router.get("/admin/usage") { request, _ in try export(request) }
        router.get("/admin/status") { _, _ in json(await status.json()) }
        return router
    }

    private struct TokenCheck: RouterMiddleware {
        let token: AdminToken

        func handle(
            _ request: Request, context: EdgeContext, next: (Request, EdgeContext) async throws -> Response
        ) async throws -> Response {
            guard token.admits(request.headers[.authorization]) else { throw OpenAIError.invalidAPIKey }
            return try await next(request, context)
        }
    }

    private func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Response {
        .json(value.encoded(), status: status)
    }

    private func body(of request: Request) async throws -> JSONValue {
        let bytes = try await request.collectJSON(bytesMax: Limits.adminBodyBytesMax)
        do { return try JSONParser.parse(bytes) } catch {
            throw OpenAIError.invalidKey("the body is not JSON: \(error)")
        }
    }

    private func key(_ context: EdgeContext) throws(OpenAIError) -> APIKey {
        let name = context.parameters.get("name").flatMap { PercentEncoding.decode($0) } ?? ""
        guard let key = keys[name] else { throw .noSuch("key") }
        return key
    }

    // MARK: Changes

    private func create(_ body: JSONValue) throws -> Response {
        try check(body, others: ["name", "address", "devnet"])
        var terms = KeyTerms()
        try take(body, into: &terms)
        guard let name = body["name"]?.string ?? body["address"]?.string else {
            throw OpenAIError.invalidKey("'name' is missing")
        }
        var secret: String?
        do throws(GatewayError) {
            if let text = body["address"]?.string {
                guard let address = Address(bech32: text) else { throw .unusableKey(reason: "'address' is no address") }
                try keys.update { (keys) throws(GatewayError) in try keys.list(address, name: name, terms: terms) }
            } else {
                let isDevnet = body["devnet"]?.boolean ?? false
                secret = try keys.update { (keys) throws(GatewayError) in
                    try keys.create(name: name, isDevnet: isDevnet, terms: terms)
                }
            }
        } catch {
            throw Self.refusal(error)
        }
        guard let key = keys[name], var object = try description(key).object else { throw OpenAIError.internalError }
        // Shown this once.
        if let secret { object.append("key", .string(secret)) }
        return json(.object(object), status: .created)
    }

    private func change(_ name: String, _ body: JSONValue) throws -> Response {
        try check(body, others: [])
        var terms = KeyTerms()
        try take(body, into: &terms)
        let changed: APIKey?
        do throws(GatewayError) {
            changed = try keys.update { (keys) throws(GatewayError) in
                try keys.change(name: name) { (terms) throws(GatewayError) in try terms.takeChecked(body) }
            }
        } catch {
            throw Self.refusal(error)
        }
        guard let changed else { throw OpenAIError.noSuch("key") }
        return json(try description(changed))
    }

    private func check(_ body: JSONValue, others: Set<String>) throws(OpenAIError) {
        guard let members = body.object?.members else { throw .invalidKey("the body is no object") }
        for member in members where !KeyTerms.memberNames.union(others).contains(member.key) {
            throw .invalidKey("there is no '\(member.key.unicodeScalars.prefix(64).map { String($0) }.joined())'")
        }
    }

    private func take(_ body: JSONValue, into terms: inout KeyTerms) throws(OpenAIError) {
        do throws(GatewayError) {
            try terms.takeChecked(body)
            try policies.check(terms)
        } catch {
            throw Self.refusal(error)
        }
    }

    private static func refusal(_ error: GatewayError) -> OpenAIError {
        switch error {
        case .unusableKey(let reason): .invalidKey(reason)
        case .unknownPolicy(let name, _): .invalidKey("there is no routing policy '\(name)'")
        case .keyExists: .invalidKey("a key of that name, or for that account, is there already")
        default: .internalError
        }
    }

    // MARK: What is shown

    /// A key with its terms and what it has spent.
    private func description(_ key: APIKey) throws(OpenAIError) -> JSONValue {
        var object = key.json.object ?? JSONObject()
        guard let spending = try? usage.spending(of: key.name) else { throw .internalError }
        object.append(
            "spent",
            [
                "day": .number(spending.day.ngonka), "month": .number(spending.month.ngonka),
                "total": .number(spending.total.ngonka), "reserved": .number(spending.reserved.ngonka),
            ])
        return .object(object)
    }

    private func export(_ request: Request) throws -> Response {
        let parameters = request.uri.queryParameters
        let query = UsageQuery(
            from: parameters["from"].map { String($0) }, to: parameters["to"].map { String($0) },
            key: parameters["key"].map { String($0) })
        let lines: [UsageLine]
        do { lines = try usage.lines(query) } catch { throw OpenAIError.internalError }
        guard parameters["format"] == "csv" else { return json(UsageExport.json(lines)) }
        var response = Response.text(UsageExport.csv(lines))
        response.headers[.contentType] = "text/csv; charset=utf-8"
        return response
    }
}
