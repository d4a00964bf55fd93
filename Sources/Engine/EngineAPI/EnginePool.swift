import Primitives
import ProtocolRules
import Synchronization

/// Several engines of one model as one: each request goes to the engine with the least in hand.
///
/// An engine that failed is left alone for a while, since one that is dead is always the idlest; a request that has not got a token
/// from it goes to the next.
public final class EnginePool: Engine {
    private struct Slot {
        var inHand = 0
        var failed: ContinuousClock.Instant?
    }

    public let capabilities: EngineCapabilities
    private let engines: [any Engine]
    private let rest: Duration
    private let slots: Mutex<[Slot]>

    /// - Parameters:
    ///   - engines: at least one; all of one model, from one file.
    ///   - rest: how long one that failed is left alone.
    /// - Returns: nil for engines that are not of one model.
    public init?(_ engines: [any Engine], rest: Duration = .seconds(10)) {
        guard let first = engines.first?.capabilities,
            engines.allSatisfy({ $0.capabilities.isSameModel(as: first) })
        else { return nil }
        let all = engines.map(\.capabilities)
        self.engines = engines
        self.rest = rest
        slots = Mutex(Array(repeating: Slot(), count: engines.count))
        capabilities = EngineCapabilities(
            model: first.model, fileHash: first.fileHash, vocabularySize: first.vocabularySize,
            contextTokens: all.map(\.contextTokens).min() ?? first.contextTokens,
            parallelSequences: all.reduce(0) { $0 + $1.parallelSequences },
            bindsTokensToSeed: all.allSatisfy(\.bindsTokensToSeed), endTokens: first.endTokens)
    }

    /// The engine itself where there is only one, else a pool of them; nil where they are not of one model.
    public static func single(_ engines: [any Engine]) -> (any Engine)? {
        engines.count == 1 ? engines[0] : EnginePool(engines)
    }

    /// One for each model and file, in the order in which they first come.
    public static func byModel(_ engines: [any Engine]) -> [any Engine] {
        var groups: [[any Engine]] = []
        for engine in engines {
            let own = engine.capabilities
            let place = groups.firstIndex { group in
                group[0].capabilities.model == own.model && group[0].capabilities.fileHash == own.fileHash
            }
            if let place { groups[place].append(engine) } else { groups.append([engine]) }
        }
        return groups.compactMap(single)
    }

    public func render(_ messages: [ChatMessage]) async throws(EngineError) -> [TokenID] {
        try fitting(try await withEngine { engine, _ throws(EngineError) in try await engine.render(messages) })
    }

    public func tokenize(_ text: String) async throws(EngineError) -> [TokenID] {
        try fitting(try await withEngine { engine, _ throws(EngineError) in try await engine.tokenize(text) })
    }

    /// The prompt, where each of the engines can read it.
    private func fitting(_ tokens: [TokenID]) throws(EngineError) -> [TokenID] {
        guard tokens.count < capabilities.contextTokens else {
            throw .promptTooLong(tokens: tokens.count, limit: capabilities.contextTokens)
        }
        return tokens
    }

    public func bytes(of token: TokenID) -> Bytes { engines[0].bytes(of: token) }

    public func generate(_ request: GenerateRequest) -> AsyncThrowingStream<GeneratedToken, any Error> {
        AsyncThrowingStream { continuation in
            let work = Task {
                do throws(EngineError) {
                    try await withEngine { engine, hasBegun throws(EngineError) in
                        do {
                            for try await token in engine.generate(request) {
                                hasBegun = true
                                continuation.yield(token)
                            }
                        } catch {
                            throw error as? EngineError ?? .failed(reason: "\(error)")
                        }
                    }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { reason in if case .cancelled = reason { work.cancel() } }
        }
    }

    public func score(_ request: ScoreRequest) async throws(EngineError) -> ScoreResult {
        try await withEngine { engine, _ throws(EngineError) in try await engine.score(request) }
    }

    public func embed(_ tokens: [TokenID]) async throws(EngineError) -> [Float] {
        try await withEngine { engine, _ throws(EngineError) in try await engine.embed(tokens) }
    }

    /// Does work on one engine after the other, until one does it, or has begun to, or refuses for a reason of the request's.
    private func withEngine<Value: Sendable>(
        _ work: (any Engine, inout Bool) async throws(EngineError) -> Value
    ) async throws(EngineError) -> Value {
        var tried: Set<Int> = []
        while true {
            let index = take(except: tried)
            tried.insert(index)
            var hasBegun = false
            do throws(EngineError) {
                let value = try await work(engines[index], &hasBegun)
                giveBack(index, failed: false)
                return value
            } catch {
                giveBack(index, failed: error.isOfTheEngine ? true : nil)
                let mayGoOn = error.isOfTheEngine || error == .overloaded
                guard mayGoOn, !hasBegun, tried.count < engines.count, !Task.isCancelled else { throw error }
            }
        }
    }

    /// The one with the least in hand, the first of equals; those that failed lately come last.
    private func take(except tried: Set<Int>) -> Int {
        let now = ContinuousClock.now
        return slots.withLock { slots in
            let left = slots.indices.filter { !tried.contains($0) }
            func isResting(_ index: Int) -> Bool { slots[index].failed.map { now < $0 + rest } ?? false }
            let awake = left.filter { !isResting($0) }
            let best = (awake.isEmpty ? left : awake).min { slots[$0].inHand < slots[$1].inHand } ?? 0
            slots[best].inHand += 1
            return best
        }
    }

    /// - Parameter failed: nil where it is not known whether the engine works.
    private func giveBack(_ index: Int, failed: Bool?) {
        slots.withLock { slots in
            slots[index].inHand -= 1
            if let failed { slots[index].failed = failed ? .now : nil }
        }
    }
}

extension EngineCapabilities {
    /// Whether both give the same tokens for the same text.
    fileprivate func isSameModel(as other: EngineCapabilities) -> Bool {
        model == other.model && fileHash == other.fileHash && vocabularySize == other.vocabularySize
            && endTokens == other.endTokens
    }
}

extension EngineError {
    /// Whether another engine may do what this one could not.
    fileprivate var isOfTheEngine: Bool {
        switch self {
        case .failed, .unreachable, .stopped, .wrongModelFile, .unusableModel: true
        default: false
        }
    }
}
