import HTTPEdge

/// How a gateway meets those who ask it: everything that is not about hosts and sessions.
public struct GatewayFront: Sendable {
    public var signedRequests: SignedRequests
    /// How others reach the gateway, without `/v1`; nil for the name that each of them asks for.
    public var publicURL: String?
    /// Whose web pages may ask, besides those of this machine.
    public var corsOrigins: CORSPolicy.Origins
    /// Where the access log goes; nil for nowhere.
    public var accessLog: AccessLog.Destination?
    /// Where the gateway is administered; nil for nowhere.
    public var admin: AdminDoor?
    /// What this program is, for example `0.3.0`.
    public var version: String

    public init(
        signedRequests: SignedRequests = SignedRequests(), publicURL: String? = nil,
        corsOrigins: CORSPolicy.Origins = .listed([]), accessLog: AccessLog.Destination? = nil,
        admin: AdminDoor? = nil, version: String = ""
    ) {
        self.signedRequests = signedRequests
        self.publicURL = publicURL
        self.corsOrigins = corsOrigins
        self.accessLog = accessLog
        self.admin = admin
        self.version = version
    }
}

extension CORSPolicy {
    /// What a gateway's answers show to pages.
    static func gateway(_ origins: Origins) -> CORSPolicy {
        CORSPolicy(
            origins: origins,
            exposedHeaders: [
                "X-Request-Id", "X-Gonka-Host", "X-Gonka-Session", "X-Gonka-Route", "Retry-After", "Traceparent",
                "X-Ratelimit-Limit-Requests", "X-Ratelimit-Remaining-Requests", "X-Ratelimit-Reset-Requests",
                "X-Ratelimit-Limit-Tokens", "X-Ratelimit-Remaining-Tokens", "X-Ratelimit-Reset-Tokens",
            ])
    }
}
