import Cryptography
import EngineAPI
import Logging
import Messages
import OpenAIWire
import Primitives
import ProtocolRules

/// A request as it came in, before anything about it was checked.
public struct SignedRequest: Sendable {
    /// Byte for byte as received; the voucher is signed for its digest.
    public let body: Bytes
    public let voucher: Signed<Voucher>

    public init(body: Bytes, voucher: Signed<Voucher>) {
        self.body = body
        self.voucher = voucher
    }
}

/// Answers requests for vouchers: checks who pays, runs the engine, and gives text and then the signed receipt
/// (protocol.md sections 4 and 6).
public struct Executor: Sendable {
    public let load: LoadGauge
    let identity: HostIdentity
    let engine: any Engine
    let store: ItemStore
    let view: HostLedgerView
    let limits: Limits
    let clock: any Clock<Duration>
    let wallSeconds: @Sendable () -> UInt64
    public let metrics: HostMetrics
    let logger: Logger

    /// - Parameter wallSeconds: seconds since 1970-01-01 UTC, for the answers' field `created`.
    public init(
        identity: HostIdentity, engine: any Engine, store: ItemStore, view: HostLedgerView, limits: Limits = Limits(),
        clock: any Clock<Duration> = ContinuousClock(), wallSeconds: @escaping @Sendable () -> UInt64,
        metrics: HostMetrics = HostMetrics(), logger: Logger
    ) {
        self.identity = identity
        self.engine = engine
        self.store = store
        self.view = view
        self.limits = limits
        self.clock = clock
        self.wallSeconds = wallSeconds
        self.metrics = metrics
        self.logger = logger
        load = LoadGauge(capacity: engine.capabilities.parallelSequences, limits: limits, metrics: metrics)
    }

    /// The model's file, by the beginning of its hash.
    var systemFingerprint: String { "fp_" + Hex.encode(engine.capabilities.fileHash.bytes.prefix(6)) }

    /// Checks whether the session's key signed `voucher` for this host: what can be known before its request is read.
    public func checkSigner(of voucher: Signed<Voucher>) async throws(OpenAIError) {
        try await voucherCheck(for: voucher.statement).checkSigner(voucher)
    }

    /// Checks a request and begins to answer it; returns with the first token, or with a stored answer.
    ///
    /// A sequence that was answered is answered again, with the same receipt. One that is being answered is waited for and
    /// then answered from store; if it came to nothing, it is begun anew. Cancelling the calling task gives the request up.
    ///
    /// - Throws: the refusal. Nothing is owed then.
    public func answer(_ request: SignedRequest) async throws(OpenAIError) -> LiveAnswer {
        let check = try await voucherCheck(for: request.voucher.statement)
        try check.checkOrigin(request.voucher, requestDigest: .sha256(request.body))
        while true {
            switch try await store.standing(of: request.voucher.statement) {
            case .answered(let items):
                return LiveAnswer(
                    stored: items, fingerprint: systemFingerprint,
                    for: try .parse(request.body, limits: limits.openAI))
            case .running:
                try load.enterRepeat()
                await store.waitForEnd(of: request.voucher.statement)
                load.leaveRepeat()
            case .opened, nil:
                try check.checkTerms(request.voucher.statement)
                if let answer = try await begin(request, check) { return answer }
            }
            if Task.isCancelled { throw .internalError }
        }
    }

    private func voucherCheck(for voucher: Voucher) async throws(OpenAIError) -> VoucherCheck {
        let now = try await view.current()
        let membership = try await view.membership(voucher.session)
        return VoucherCheck(
            chainID: identity.chainID, executor: identity.address, height: now.height,
            ageMax: now.parameters.rounds.servingWorkBlocks, session: membership.session, member: membership.member)
    }

    /// Begins an answer; nil where the sequence came to be known meanwhile.
    private func begin(_ request: SignedRequest, _ check: VoucherCheck) async throws(OpenAIError) -> LiveAnswer? {
        guard try await view.current().host.state == .active else { throw .shuttingDown }
        // What its owner keeps free is not for others.
        let activeMax = limits.selling.activeMax(
            payer: check.session.payer, places: load.reading.capacity, at: wallSeconds())
        try load.enter(activeMax: activeMax)
        // Of the places that were taken, those that no generation gives back.
        var placesHeld = 1
        defer { for _ in 0..<placesHeld { load.leave() } }
        let plan = try await AnswerPlan(request, session: check.session, executor: self)
        // Each choice is a sequence of its own in the engine.
        while placesHeld < Int(plan.request.choices) {
            try load.enter(activeMax: activeMax)
            placesHeld += 1
        }
        guard
            case .opened(let reservation) = try await store.open(
                request.voucher, maximumPerChoice: plan.maximumPerChoice, choices: plan.request.choices,
                member: check.member)
        else { return nil }
        placesHeld = 0
        return try await Generation(plan: plan, reservation: reservation, executor: self).begin()
    }
}
