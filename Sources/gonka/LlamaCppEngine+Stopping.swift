import LlamaEngine

extension LlamaCppEngine {
    /// Runs `work` and stops the engine, and the other where there is one, however that ends: a process that exits before would
    /// pull the library from under them.
    func stopping<Result: Sendable>(
        also other: LlamaCppEngine? = nil, _ work: () async throws -> Result
    ) async throws -> Result {
        do {
            let result = try await work()
            await stop()
            await other?.stop()
            return result
        } catch {
            await stop()
            await other?.stop()
            throw error
        }
    }
}
