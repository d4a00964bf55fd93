import Foundation
import Testing

@testable import gonka

/// What `gonka mlnode --model` means.
@Suite struct ModelFilesTests {
    private func files(_ flags: [Setting: String]) async throws -> ModelFiles {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("gonka-\(UUID().uuidString)").path
        return try ModelFiles(try await Settings(home: Home(path), flags: flags, environment: [:]))
    }

    @Test func oneFileHasTheIDOfItsFlag() async throws {
        let files = try await files([.mlnodeModels: "/m/a=b.gguf", .mlnodeModelID: "mine"])
        #expect(files.files == [ModelFiles.Named(model: "mine", path: "/m/a=b.gguf")])
        #expect(try files.only.path == "/m/a=b.gguf")
        #expect(try await self.files([:]).files.map(\.model) == [DemoModel.id])
    }

    @Test func severalNeedTheirIDs() async throws {
        let files = try await files([.mlnodeModels: "a=/m/a.gguf,b=/m/b=2.gguf"])
        #expect(
            files.files == [
                ModelFiles.Named(model: "a", path: "/m/a.gguf"), ModelFiles.Named(model: "b", path: "/m/b=2.gguf"),
            ])
        #expect(throws: OperatorError.self) { try files.only }
        await #expect(throws: OperatorError.self) { try await self.files([.mlnodeModels: "a=/m/a.gguf,/m/b.gguf"]) }
    }

    @Test func sizesAreWholeNumbersWithAUnit() {
        #expect(ByteSize.parse("8GiB") == 8 << 30)
        #expect(ByteSize.parse("1KiB") == 1_024)
        #expect(ByteSize.parse("4194304TiB") == 1 << 62)
        for text in ["", "8", "GiB", "8GB", "0MiB", "-1MiB", "1.5GiB", "4194305TiB", "99999999999999999999GiB"] {
            #expect(ByteSize.parse(text) == nil, "\(text)")
        }
    }

    @Test func coresAreSharedByAsManyModelsAsFit() {
        #expect(ModelFiles.mostAtOnce([3, 1, 2], nil) == 3)
        #expect(ModelFiles.mostAtOnce([3, 1, 2], 3) == 2)
        #expect(ModelFiles.mostAtOnce([3, 4], 4) == 1)
        #expect(ModelFiles.mostAtOnce([3], 3) == 1)
    }
}
