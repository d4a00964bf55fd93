import Primitives

/// A model that a `ModelShelf` may load: what is known of it without its weights, and how it is loaded.
public struct ShelvedModel: Sendable {
    /// A model's engine, and how its memory is given back.
    public struct Loaded: Sendable {
        let engine: any Engine
        let unload: @Sendable () async -> Void

        /// - Parameter unload: ends what the engine runs; its memory is free when this has returned and the engine is dropped.
        public init(_ engine: any Engine, unload: @escaping @Sendable () async -> Void) {
            self.engine = engine
            self.unload = unload
        }
    }

    /// What the loaded engine says of itself, word for word.
    public let capabilities: EngineCapabilities
    /// Bytes of memory that it takes while it is loaded, at most.
    public let bytes: Int
    let vocabulary: any ModelVocabulary
    let load: @Sendable () async throws(EngineError) -> Loaded

    /// - Parameters:
    ///   - vocabulary: answers what needs no weights.
    ///   - bytes: at least 1.
    ///   - load: may be called again after an unload or a failure; must not block the calling thread for long.
    public init(
        capabilities: EngineCapabilities, vocabulary: any ModelVocabulary, bytes: Int,
        load: @escaping @Sendable () async throws(EngineError) -> Loaded
    ) {
        self.capabilities = capabilities
        self.vocabulary = vocabulary
        self.bytes = max(1, bytes)
        self.load = load
    }
}

/// What happens on a shelf, for whoever counts or logs it.
public enum ShelfEvent: Sendable, Equatable {
    /// - Parameter after: how long it took.
    case loaded(model: String, after: Duration)
    case failed(model: String, EngineError)
    case unloaded(model: String)
}
