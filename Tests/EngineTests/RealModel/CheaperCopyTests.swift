import CLlama
import EngineAPI
import Foundation
import Testing

@testable import LlamaEngine

@Suite(.enabled(if: RealModel.isThere), .serialized)
struct CheaperCopyTests {
    /// Writes a copy, hands its path to `work`, and removes it.
    private func withCopy<Result>(
        _ weights: CheaperCopy.Weights, layersCut: Int = 0, _ work: (String) throws -> Result
    ) throws -> Result {
        let source = try #require(RealModel.path)
        let target = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).gguf").path
        defer { try? FileManager.default.removeItem(atPath: target) }
        try CheaperCopy.write(from: source, to: target, weights: weights, layersCut: layersCut)
        return try work(target)
    }

    private func layerCount(_ path: String) throws -> Int32 {
        llama_model_n_layer(try LlamaModel(path: path).pointer)
    }

    private func byteCount(_ path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
    }

    @Test func aCopyWithoutLayersHasFewerLayers() throws {
        let all = try layerCount(try #require(RealModel.path))
        let left = try withCopy(.f16, layersCut: 3, layerCount)
        #expect(left == all - 3)
    }

    @Test func aQuantisedCopyHasFewerBytesAndEveryLayer() throws {
        let source = try #require(RealModel.path)
        let (bytes, layers) = try withCopy(.q8_0) { (try byteCount($0), try layerCount($0)) }
        #expect(try bytes * 3 < byteCount(source) * 2)
        #expect(try layers == layerCount(source))
    }

    @Test func whatCannotBeCopiedIsRefused() throws {
        let source = try #require(RealModel.path)
        let target = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        #expect(throws: EngineError.self) {
            try CheaperCopy.write(from: source + ".none", to: target, weights: .q8_0)
        }
        #expect(throws: EngineError.unusableModel(path: source, reason: "it has 30 layers")) {
            try CheaperCopy.write(from: source, to: target, weights: .f16, layersCut: 30)
        }
        #expect(!FileManager.default.fileExists(atPath: target))
    }
}
