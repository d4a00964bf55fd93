import EngineAPI
import Foundation
import Primitives
import ProtocolRules
import Testing

@testable import LlamaEngine

/// The demo model's file under two ids, with memory for one.
@Suite("Real models that take turns", .enabled(if: RealModel.isThere))
struct ShelvedModelTests {
    private static func configuration(_ model: String) -> LlamaConfiguration {
        var configuration = RealModel.configuration(path: RealModel.path ?? "", sequences: 4, contextTokens: 512)
        configuration.model = model
        configuration.prefixBytes = 64 << 20
        return configuration
    }

    @Test("Both answer alike, one after the other, and their memory goes back")
    func turns() async throws {
        let bytes = try Self.configuration("first").memoryBytes(engines: 1)
        let models = try ["first", "second"].map { try ShelvedModel.llamaCpp(Self.configuration($0)) }
        let shelf = try ModelShelf(models, memoryMax: bytes + bytes / 2)
        let engines = shelf.engines
        let prompt = try await engines[0].render([ChatMessage(role: .user, content: "Name a colour.")])
        let request = GenerateRequest(
            prompt: prompt, sampling: .plain, seed: RealModel.seed(1), maximumTokens: 12)
        let before = try residentBytes()
        var answers: [[TokenID]] = []
        var resident: [Int] = []
        for turn in 0..<4 {
            let engine = engines[turn % 2]
            answers.append(try await engine.generate(request).reduce(into: []) { $0.append($1.token) })
            #expect(engines.map(\.isLoaded) == [turn % 2 == 0, turn % 2 == 1])
            resident.append(try residentBytes() - before)
        }
        #expect(Set(answers).count == 1 && answers[0].isEmpty == false)
        #expect(resident.allSatisfy { $0 < bytes }, "\(resident) of \(bytes)")
        await shelf.stop()
        let isBack = try await settles { try residentBytes() - before < bytes / 4 }
        let left = try residentBytes() - before
        #expect(isBack, "\(left) of \(bytes)")
    }

    @Test("What the file says of its cache is what a token takes")
    func memory() throws {
        let memory = try ModelMemory(try RealModel.model.get(), path: RealModel.path ?? "")
        #expect(memory.bytesPerToken == 23_040)
        #expect(memory.vocabularySize == 49_152)
        let one = memory.bytes(Self.configuration("a"), engines: 1)
        let two = memory.bytes(Self.configuration("a"), engines: 2)
        #expect(one > memory.fileBytes + 4 * 512 * 23_040 && two - one == one - memory.fileBytes)
    }

    /// Resident memory of this process.
    private func residentBytes() throws -> Int {
        let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return (pages.dropFirst().first.flatMap { Int($0) } ?? 0) * 4_096
    }

    /// Whether it holds within ten seconds: the last reference to a model goes with its engine's thread.
    private func settles(_ holds: () throws -> Bool) async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(10)
        while try !holds() {
            guard ContinuousClock.now < deadline else { return false }
            await Task.yield()
        }
        return true
    }
}
