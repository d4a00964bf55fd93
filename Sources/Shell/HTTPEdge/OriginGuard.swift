import HTTPTypes
import Hummingbird
import OpenAIWire

/// Keeps web pages of elsewhere away from a server on this machine (CSRF, DNS rebinding): a browser names the host it thinks
/// to talk to and the page that asks, and both must be this machine, or the page one that the operator named (`CORSPolicy`).
///
/// A server of this machine that a proxy shows to the outside is also asked for by its public name, which no other site can
/// have. A server that listens on other addresses is reached under names it does not know; there the host is not looked at, and a
/// page of another origin gets no answer that a browser would show it.
public struct OriginGuard: RouterMiddleware {
    private let isLoopback: Bool
    /// In lower case; nil where there is none.
    private let publicHost: String?
    private let policy: CORSPolicy

    /// - Parameters:
    ///   - address: where the server listens.
    ///   - publicURL: what others reach it by, for example `https://host.example/v1`, where it may be behind a proxy.
    ///   - policy: whose pages are answered besides this machine's.
    public init(_ address: EdgeServer.Address, publicURL: String? = nil, policy: CORSPolicy = CORSPolicy()) {
        isLoopback = Self.isThisMachine(address.host)
        self.policy = policy
        publicHost = publicURL.flatMap { Self.host(ofURL: $0) }?.lowercased()
    }

    public func handle(
        _ request: Request, context: EdgeContext, next: (Request, EdgeContext) async throws -> Response
    ) async throws -> Response {
        let host = Self.host(of: request.head.authority ?? "")
        if isLoopback, !Self.isThisMachine(host), host.lowercased() != publicHost {
            throw OpenAIError.originNotAllowed
        }
        guard let origin = request.headers[.origin] else {
            return request.method == .options ? Self.preflight(request) : try await next(request, context)
        }
        guard policy.allows(origin) || isLoopback && Self.isThisMachine(origin: origin) else {
            guard !isLoopback, request.method != .options else { throw OpenAIError.originNotAllowed }
            return try await next(request, context)
        }
        var response = request.method == .options ? Self.preflight(request) : try await next(request, context)
        open(&response, to: origin)
        return response
    }

    /// Lets the page that asked read the answer. Where every page may, the answer is the same for all of them.
    private func open(_ response: inout Response, to origin: String) {
        if policy.origins == .any {
            response.headers[.accessControlAllowOrigin] = "*"
        } else {
            response.headers[.accessControlAllowOrigin] = origin
            response.headers[.vary] = "Origin"
        }
        if !policy.exposedHeaders.isEmpty {
            response.headers[.accessControlExposeHeaders] = policy.exposedHeaders.joined(separator: ", ")
        }
    }

    /// Clients of OpenAI's API send headers of their own; an origin that is allowed may send all of them.
    private static func preflight(_ request: Request) -> Response {
        let wanted = request.headers[.accessControlRequestHeaders] ?? "Authorization, Content-Type"
        return Response(
            status: .noContent,
            headers: [
                .allow: "GET, POST, OPTIONS", .accessControlAllowMethods: "GET, POST",
                .accessControlAllowHeaders: wanted, .accessControlMaxAge: "600",
            ])
    }

    private static func isThisMachine(origin: String) -> Bool { host(ofURL: origin).map { isThisMachine($0) } ?? false }

    private static func host(ofURL url: String) -> String? {
        for scheme in ["http://", "https://"] where url.hasPrefix(scheme) {
            return host(of: String(url.dropFirst(scheme.count).prefix { $0 != "/" }))
        }
        return nil
    }

    /// The host of `host[:port]`, without the brackets of an IPv6 address.
    private static func host(of authority: String) -> String {
        if authority.hasPrefix("[") { return String(authority.dropFirst().prefix { $0 != "]" }) }
        return String(authority.prefix { $0 != ":" })
    }

    private static func isThisMachine(_ host: String) -> Bool {
        ["127.0.0.1", "::1", "localhost"].contains(host.lowercased())
    }
}
