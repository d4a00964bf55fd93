import LlamaEngine

extension LlamaCppEngine {
    /// Runs `work` and stops the engine however that ends: a process that exits before would pull the library from under it.
    func stopping<Result: Sendable>(_ work: () async throws -> Result) async throws -> Result {
        try await [self].stopping(work)
    }
}

extension [LlamaCppEngine] {
    /// The same for several.
    func stopping<Result: Sendable>(_ work: () async throws -> Result) async throws -> Result {
        do {
            let result = try await work()
            for engine in self { await engine.stop() }
            return result
        } catch {
            for engine in self { await engine.stop() }
            throw error
        }
    }
}
