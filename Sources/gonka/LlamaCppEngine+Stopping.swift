import LlamaEngine

extension LlamaCppEngine {
    /// Runs `work` and stops the engine however that ends: a process that exits before would pull the library from under it.
    func stopping(_ work: () async throws -> Void) async throws {
        do {
            try await work()
        } catch {
            await stop()
            throw error
        }
        await stop()
    }
}
