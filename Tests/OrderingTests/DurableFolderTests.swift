import DurableFile
import Foundation
import Testing

@Suite struct DurableFolderTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    @Test func everyFolderThatIsCreatedIsMadeDurableInTheOneAbove() throws {
        var synced: [String] = []
        let record = { (path: String) in
            let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? ["not there"]
            synced.append("\(path.dropFirst(scratch.path.count)): \(names.joined())")
        }
        try DurableFolder.create(scratch.path + "/a/b/c", syncing: record)
        #expect(synced == [": a", "/a: b", "/a/b: c"])
        try DurableFolder.create(scratch.path + "/a/b/c", syncing: record)
        try DurableFolder.create(scratch.path + "/a/b/", syncing: record)
        #expect(synced.count == 3, "what is there was made durable by whoever made it")
    }

    @Test func aFolderThatCannotBeMadeDurableIsNoSuccess() throws {
        let failure = SystemCallError(call: "fsync", path: "x", reason: "Input/output error")
        #expect(throws: failure) {
            try DurableFolder.create(scratch.path + "/a") { (_) throws(SystemCallError) in throw failure }
        }
        #expect(throws: SystemCallError.self) { try DurableFolder.sync(scratch.path + "/none") }
        try DurableFolder.create(scratch.path + "/d")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).sorted() == ["a", "d"])
    }
}
