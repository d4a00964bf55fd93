import LlamaEngine

extension LlamaCppEngine {
    /// Runs `work` and stops the engine however that ends: a process that exits before would pull the library from under it.
    func stopping<Result: Sendable>(_ work: () async throws -> Result) async throws -> Result {
        do {
            let result = try await work()
            await stop()
            return result
        } catch {
            await stop()
            throw error
        }
    }
}
