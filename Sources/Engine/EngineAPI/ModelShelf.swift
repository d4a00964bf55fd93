import Primitives
import ProtocolRules
import Synchronization

/// Several models in one process, of which those are loaded that are used and fit (`ShelfPlan`); each is an engine.
///
/// A request for a model that is away waits until it is loaded, for as long as its asker does. A model with open requests is never
/// unloaded. What needs no weights, prompts and texts, is answered at once.
public final class ModelShelf: Sendable {
    private typealias Answer = Result<any Engine, EngineError>

    private struct State {
        var plan: ShelfPlan
        var loaded: [Int: ShelvedModel.Loaded] = [:]
        var waiting: [UInt64: CheckedContinuation<Answer, Never>] = [:]
        /// Loads and unloads under way.
        var transitions: [UInt64: Task<Void, Never>] = [:]
        var lastID: UInt64 = 0
        var isStopped = false

        mutating func makeID() -> UInt64 {
            lastID += 1
            return lastID
        }
    }

    /// In the order in which they were given.
    public let models: [ShelvedModel]
    private let observe: @Sendable (ShelfEvent, Int) -> Void
    private let state: Mutex<State>

    /// - Parameters:
    ///   - models: at least one; none twice.
    ///   - memoryMax: bytes that the loaded ones may take together; nil for no bound.
    ///   - observe: is told what happens, and how many models are in memory then; called from any task,
    ///     quickly.
    /// - Throws: `.unusableModel` for one that does not fit alone, `.unsupported` for no models and for an id twice.
    public init(
        _ models: [ShelvedModel], memoryMax: Int? = nil,
        observe: @escaping @Sendable (ShelfEvent, _ loaded: Int) -> Void = { _, _ in }
    ) throws(EngineError) {
        let memoryMax = memoryMax ?? Int.max / 2
        guard !models.isEmpty, models.count <= Self.modelsMax,
            Set(models.map(\.capabilities.model)).count == models.count
        else { throw .unsupported(field: "list of models, which needs 1 to \(Self.modelsMax) with different ids") }
        for model in models where model.bytes > memoryMax {
            throw .unusableModel(
                path: model.capabilities.model,
                reason: "it takes \(model.bytes >> 20) MiB and \(memoryMax >> 20) are allowed")
        }
        self.models = models
        self.observe = observe
        state = Mutex(State(plan: ShelfPlan(bytes: models.map(\.bytes), memoryMax: memoryMax)))
    }

    /// More files than anybody keeps on a machine.
    private static let modelsMax = 256

    /// One for each model, in their order. They may be used until `stop`.
    public var engines: [any Engine] { models.indices.map { ModelOnShelf(shelf: self, index: $0) } }

    /// Loads the models in their order, as many as fit; for the start of a process, before anything is asked.
    ///
    /// - Throws: what the first load that fails throws.
    public func loadWhatFits() async throws(EngineError) {
        for index in models.indices
        where state.withLock({ !$0.isStopped && $0.plan.loadIfItFits(index, at: .now) }) {
            if let error = await load(index) { throw error }
        }
    }

    /// Ends what runs and what waits with `.stopped`, and returns when all memory is given back.
    public func stop() async {
        let (waiting, transitions) = state.withLock { state in
            defer { state.waiting = [:] }
            state.isStopped = true
            return (Array(state.waiting.values), Array(state.transitions.values))
        }
        for continuation in waiting { continuation.resume(returning: .failure(.stopped)) }
        for transition in transitions { await transition.value }
        for index in models.indices { await takeDown(index) }
    }

    func isLoaded(_ index: Int) -> Bool { state.withLock { $0.plan.isLoaded(index) } }

    /// Runs `work` with the model's engine, which is not unloaded meanwhile.
    func withEngine<Value: Sendable>(
        _ index: Int, _ priority: EnginePriority, _ work: (any Engine) async throws(EngineError) -> Value
    ) async throws(EngineError) -> Value {
        let engine = try await take(index, priority)
        defer { step { $0.plan.release(index, priority, at: .now) } }
        return try await work(engine)
    }

    private func take(_ index: Int, _ priority: EnginePriority) async throws(EngineError) -> any Engine {
        let id = state.withLock { $0.makeID() }
        let answer: Answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                step { state in
                    state.waiting[id] = continuation
                    return state.plan.ask(index, priority, id: id, at: .now)
                }
                // Its handler may have run before anybody waited.
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
        return try answer.get()
    }

    private func cancel(_ id: UInt64) {
        var continuation: CheckedContinuation<Answer, Never>?
        step { state in
            continuation = state.waiting.removeValue(forKey: id)
            return continuation == nil ? [] : state.plan.cancel(id, at: .now)
        }
        continuation?.resume(returning: .failure(.cancelled))
    }

    /// Changes the plan and does what follows from that.
    private func step(_ change: (inout State) -> [ShelfPlan.Action]) {
        let answers = state.withLock { state in
            let actions = change(&state)
            guard !state.isStopped else {
                defer { state.waiting = [:] }
                return state.waiting.values.map { ($0, Answer.failure(.stopped)) }
            }
            return actions.compactMap { perform($0, &state) }
        }
        for (continuation, answer) in answers { continuation.resume(returning: answer) }
    }

    /// - Returns: whom to answer, once the lock is given back.
    private func perform(
        _ action: ShelfPlan.Action, _ state: inout State
    ) -> (CheckedContinuation<Answer, Never>, Answer)? {
        switch action {
        case .admit(let id, let model):
            guard let continuation = state.waiting.removeValue(forKey: id) else { return nil }
            let engine = state.loaded[model]?.engine
            return (continuation, engine.map { .success($0) } ?? .failure(.failed(reason: "the model is not there")))
        case .refuse(let id, let error):
            return state.waiting.removeValue(forKey: id).map { ($0, .failure(error)) }
        case .load(let index):
            begin(&state) { _ = await self.load(index) }
        case .unload(let index):
            begin(&state) {
                await self.takeDown(index)
                self.step { $0.plan.unloaded(index, at: .now) }
            }
        case .wake(let instant):
            Task { [weak self] in
                try? await Task.sleep(until: instant)
                self?.step { $0.plan.tick(at: .now) }
            }
        }
        return nil
    }

    private func begin(_ state: inout State, _ work: @escaping @Sendable () async -> Void) {
        let id = state.makeID()
        state.transitions[id] = Task {
            await work()
            self.state.withLock { $0.transitions[id] = nil }
        }
    }

    /// Loads a model that the plan has as being loaded.
    private func load(_ index: Int) async -> EngineError? {
        let model = models[index]
        let began = ContinuousClock.now
        do throws(EngineError) {
            let loaded = try await model.load()
            guard loaded.engine.capabilities == model.capabilities else {
                await loaded.unload()
                throw .unusableModel(path: model.capabilities.model, reason: "its file has changed")
            }
            step { state in
                state.loaded[index] = loaded
                observe(.loaded(model: model.capabilities.model, after: .now - began), state.loaded.count)
                return state.plan.loaded(index, at: .now)
            }
            return nil
        } catch {
            step { state in
                observe(.failed(model: model.capabilities.model, error), state.loaded.count)
                return state.plan.failed(index, error, at: .now)
            }
            return error
        }
    }

    /// Drops the model's engine, too: nothing holds it when this returns.
    private func takeDown(_ index: Int) async {
        guard let loaded = state.withLock({ $0.loaded.removeValue(forKey: index) }) else { return }
        await loaded.unload()
        state.withLock { observe(.unloaded(model: models[index].capabilities.model), $0.loaded.count) }
    }
}

/// One model of a shelf.
struct ModelOnShelf: Engine {
    let shelf: ModelShelf
    let index: Int

    private var model: ShelvedModel { shelf.models[index] }

    var capabilities: EngineCapabilities { model.capabilities }

    var isLoaded: Bool { shelf.isLoaded(index) }

    func render(_ messages: [ChatMessage]) async throws(EngineError) -> [TokenID] {
        try model.vocabulary.render(messages, contextTokens: capabilities.contextTokens)
    }

    func tokenize(_ text: String) async throws(EngineError) -> [TokenID] {
        try model.vocabulary.tokenize(text, contextTokens: capabilities.contextTokens)
    }

    func bytes(of token: TokenID) -> Bytes { model.vocabulary.bytes(of: token) }

    func generate(_ request: GenerateRequest) -> AsyncThrowingStream<GeneratedToken, any Error> {
        AsyncThrowingStream { continuation in
            let work = Task {
                do throws(EngineError) {
                    try await shelf.withEngine(index, request.turn.priority) { engine throws(EngineError) in
                        do {
                            for try await token in engine.generate(request) { continuation.yield(token) }
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

    func score(_ request: ScoreRequest) async throws(EngineError) -> ScoreResult {
        try await shelf.withEngine(index, request.turn.priority) { engine throws(EngineError) in
            try await engine.score(request)
        }
    }

    func embed(_ tokens: [TokenID]) async throws(EngineError) -> [Float] {
        try await shelf.withEngine(index, .user) { engine throws(EngineError) in try await engine.embed(tokens) }
    }
}
