import Foundation
import Testing

@testable import Wallet

@Suite struct PrivateFolderTests {
    private let scratch: TemporaryFolder

    init() throws { scratch = try TemporaryFolder() }

    /// The folders that are made durable while `name` is prepared, each with what was in it then.
    private func synchronized(preparing name: String) throws -> [String] {
        var synchronized: [String] = []
        try PrivateFolder(path: scratch(name)).prepare { folder in
            let contents = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
            synchronized.append("\(folder.path.dropFirst(scratch.path.count)): \(contents?.joined() ?? "-")")
        }
        return synchronized
    }

    @Test func everyFolderThatIsCreatedIsMadeDurableInTheOneAbove() throws {
        #expect(try synchronized(preparing: "a/b/c") == [": a", "/a: b", "/a/b: c"])
        #expect(try synchronized(preparing: "a/b/c") == [])
    }

    @Test func aFolderThatCannotBeMadeDurableIsNotPrepared() throws {
        let failure = KeyStoreError.notFound(path: "x")
        #expect(throws: failure) {
            try PrivateFolder(path: scratch("a")).prepare { (_) throws(KeyStoreError) in throw failure }
        }
    }
}
