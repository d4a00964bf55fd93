import Cryptography
import HTTPEdge

/// What a gateway is started with.
public struct GatewayConfiguration: Sendable {
    /// Where it listens.
    public var address: EdgeServer.Address
    /// The folder for its voucher book; it must exist, and belong to this gateway alone.
    public var directory: String
    /// Pays for the sessions.
    public var payer: PrivateKey
    /// Signs the vouchers; the payer's own or another.
    public var sessionKey: PrivateKey
    public var terms: SessionTerms
    /// Models for which a session is kept open. Others get one when somebody asks for them.
    public var models: [String]
    public var keys: APIKeys
    public var front: GatewayFront
    /// Whether a shutdown closes the sessions, so that what nobody earned comes back. Otherwise the next start goes on with
    /// them.
    public var closesSessionsAtShutdown: Bool
    /// Which hosts requests may go to, and which of them first.
    public var policy = RoutingPolicy()
    /// What keys' terms may name: each narrows `policy` for the requests of its keys.
    public var keyPolicies: [String: RoutingPolicy] = [:]

    public init(
        address: EdgeServer.Address, directory: String, payer: PrivateKey, sessionKey: PrivateKey,
        terms: SessionTerms, models: [String], keys: APIKeys, front: GatewayFront = GatewayFront(),
        closesSessionsAtShutdown: Bool = false
    ) {
        self.address = address
        self.directory = directory
        self.payer = payer
        self.sessionKey = sessionKey
        self.terms = terms
        self.models = models
        self.keys = keys
        self.front = front
        self.closesSessionsAtShutdown = closesSessionsAtShutdown
    }
}
