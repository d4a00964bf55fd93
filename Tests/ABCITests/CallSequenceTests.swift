import Foundation
import Testing

@testable import ABCIServer

/// Whatever CometBFT may call, in whatever order: the same results and app hashes as `SoloOrdering` over the same blocks.
@Suite struct CallSequenceTests {
    /// CI drives 500; GONKA_ABCI_SEQUENCES=10000 is `make abci`.
    private static let count = ProcessInfo.processInfo.environment["GONKA_ABCI_SEQUENCES"].flatMap(Int.init) ?? 500
    private static let parts = 10

    @Test(arguments: 0..<parts) func anyLegalSequenceGivesTheSameLedger(part: Int) async throws {
        var (crashes, judged) = (0, 0)
        for seed in stride(from: part, to: Self.count, by: Self.parts) {
            let seed = UInt64(seed)
            let history = try SoloHistory(seed: seed, blocks: 3 + Int(seed % 4))
            var driver = try CallDriver(history, seed: seed &* 31 &+ 7)
            try await driver.run()
            crashes += driver.crashes
            judged += driver.judged
        }
        #expect(crashes > 0 && judged > 0)
    }
}
