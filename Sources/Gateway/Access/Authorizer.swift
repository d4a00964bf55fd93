import Cryptography
import HTTPTypes
import OpenAIWire
import Primitives

/// Finds out who asks: by the key in `Authorization: Bearer`, or by the account that signed the request.
///
/// In two steps, since a signature covers the body: who has no business here is refused before a byte of it is read.
struct Authorizer: Sendable {
    /// What the headers say.
    enum Credential: Sendable {
        case key(APIKey)
        case signature(RequestSignature, of: APIKey)
    }

    let keys: KeyDirectory
    let signed: SignedRequests
    /// The address that signatures must be made for.
    let transferAgent: Address
    let clock: WallClock
    private let memory: ReplayMemory

    init(
        keys: KeyDirectory, signed: SignedRequests = SignedRequests(), payer: Address, clock: WallClock = WallClock()
    ) {
        self.keys = keys
        self.signed = signed
        transferAgent = signed.transferAgent ?? payer
        self.clock = clock
        memory = ReplayMemory(clock: clock)
    }

    /// The first step, before the body.
    ///
    /// - Throws: 401.
    func credential(_ headers: HTTPFields) throws(OpenAIError) -> Credential {
        guard let authorization = headers[.authorization] else { throw .invalidAPIKey }
        if let text = Self.bearer(authorization) {
            guard let key = keys.key(of: text) else { throw .invalidAPIKey }
            return .key(try usable(key))
        }
        guard signed.mode != .off, headers[.requesterAddress] != nil else { throw .invalidAPIKey }
        let signature = try RequestSignature(headers)
        return .signature(signature, of: try usable(try key(of: signature.requester)))
    }

    /// The second step, with the body byte for byte as it came.
    ///
    /// - Throws: 401 where the signature is not of this body for this gateway, then 400 where its time has passed or is to
    ///   come or it was used before, and 503 where that could not be remembered.
    func caller(_ credential: Credential, body: Bytes) throws(OpenAIError) -> APIKey {
        switch credential {
        case .key(let key): return key
        case .signature(let signature, let key):
            guard signature.covers(body, for: transferAgent) else { throw .invalidSignature }
            try memory.use(signature)
            return key
        }
    }

    private func key(of requester: Address) throws(OpenAIError) -> APIKey {
        if let key = keys.key(of: requester) { return key }
        guard signed.mode == .any else { throw .requesterNotListed }
        return APIKey(
            name: requester.bech32, credential: .address(requester), isDevnet: false,
            terms: KeyTerms(dayBudget: signed.dayBudget))
    }

    private func usable(_ key: APIKey) throws(OpenAIError) -> APIKey {
        if key.terms.isDisabled { throw .keyDisabled }
        if let expiry = key.terms.expiry, clock.seconds >= expiry { throw .keyExpired }
        return key
    }

    /// The token of RFC 6750, its scheme in any case.
    static func bearer(_ value: String) -> String? {
        let parts = value.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1])
    }
}
