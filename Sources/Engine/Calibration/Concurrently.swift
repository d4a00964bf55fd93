/// Works on `inputs`, `atOnce` of them at a time, each next one as soon as one is done; results in the order of the inputs.
///
/// - Parameter atOnce: at least 1.
/// - Throws: what the first failing work throws; the others are cancelled.
func concurrently<Input: Sendable, Output: Sendable>(
    _ inputs: [Input], atOnce: Int, _ work: @escaping @Sendable (Input) async throws -> Output
) async throws -> [Output] {
    try await withThrowingTaskGroup(of: (Int, Output).self) { group in
        var results = [Output?](repeating: nil, count: inputs.count)
        var next = 0
        func startNext() {
            guard next < inputs.count else { return }
            let (index, input) = (next, inputs[next])
            group.addTask { (index, try await work(input)) }
            next += 1
        }
        for _ in 0..<max(1, atOnce) { startNext() }
        while let (index, output) = try await group.next() {
            results[index] = output
            startNext()
        }
        return results.compactMap { $0 }
    }
}
