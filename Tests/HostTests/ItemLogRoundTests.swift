import Messages
import OpenAIWire
import Primitives
import ProtocolRules
import StubEngine
import TestSupport
import Testing

@testable import HostRoles

@Suite("The item log where one file follows another")
struct ItemLogRoundTests {
    /// A host with one item, whose answer further items share.
    private struct Served {
        let scene: HostScene
        let first: FinishedItem

        init() async throws {
            scene = try await HostScene()
            first = try await scene.ask(sequence: 1_000).item
        }

        /// A draft of an item for one ngonka, its request opened in `store`.
        func draft(_ sequence: UInt64, in store: ItemStore) async throws -> ItemDraft {
            let member = try await scene.view.membership(1).member
            let voucher = await scene.voucher(sequence: sequence)
            guard
                case .opened(let reservation) = try await store.open(
                    voucher, maximumPerChoice: Amount(9), member: member)
            else { throw OpenAIError.internalError }
            return ItemDraft(like: first, for: reservation)
        }

        /// The book of session 1 as a restart reads it.
        func book(_ files: [String: Bytes]) throws -> SessionBook {
            var replay = ItemReplay(identity: scene.identity)
            _ = try ItemLog(folder: MemoryFolder(files), logger: scene.logger) { record, position in
                try replay.take(record, at: position)
            }
            return try #require(replay.books[1])
        }

        func store(_ folder: MemoryFolder) throws -> ItemStore {
            try ItemStore(folder: folder, identity: scene.identity, limits: Limits(), logger: scene.logger)
        }
    }

    @Test("A round that begins while items wait for the disk counts their fees once")
    func enteringWhileItemsWait() async throws {
        let served = try await Served()
        let store = served.scene.store
        let drafts = [try await served.draft(1, in: store), try await served.draft(2, in: store)]
        let items = await store.finish(drafts, entering: await store.round + 1)
        #expect(items.compactMap(\.serving?.number) == [2, 3])
        let book = try served.book(served.scene.folder.synced)
        #expect(book.owed.ngonka == served.first.item.fee.ngonka + 2)
        #expect(book.lastNumber == 3)
        #expect(book.entries.map(\.number) == [1, 2, 3])
    }

    @Test("A crash at any write around a round's begin leaves numbers without a gap", arguments: 0...4)
    func crashWhileEntering(writes: Int) async throws {
        let served = try await Served()
        let store = served.scene.store
        let draft = try await served.draft(1, in: store)
        served.scene.folder.plan(.tornWrite(after: writes, bytes: 0))
        let receipt = await store.finish([draft], entering: await store.round + 1).first
        let files = served.scene.folder.synced
        let book = try served.book(files)
        #expect(book.lastNumber == UInt64(book.entries.count))
        #expect(book.entries.count == 2 || receipt == nil)

        let again = try served.store(MemoryFolder(files))
        try await again.enter(round: 9)
        let next = try await again.finish(try await served.draft(2, in: again))
        #expect(next.serving?.number == book.lastNumber + 1)
        let claimable = try #require(await again.claimable(1, after: 0, through: .max))
        #expect(claimable.leaves.count == book.entries.count + 1)
    }

    @Test(
        "A crash while a restart begins its file forgets nothing that is owed",
        arguments: [
            MemoryFolder.Fault.tornWrite(after: 0, bytes: 0), .tornWrite(after: 0, bytes: 5),
            .tornWrite(after: 1, bytes: 0), .tornWrite(after: 1, bytes: 20), .failedSync(after: 0),
            .failedSync(after: 1),
        ])
    func crashAtStart(_ fault: MemoryFolder.Fault) async throws {
        let served = try await Served()
        let store = served.scene.store
        try await store.enter(round: await store.round + 1)
        try await store.forget(before: [1: .max], closed: [])
        // All that is known of the session is now in the head of the one file that is left.
        #expect(served.scene.folder.contents.count == 1)
        let folder = MemoryFolder(served.scene.folder.contents)
        folder.plan(fault)
        let restarted = try? served.store(folder)
        for files in [folder.synced, folder.contents] {
            let book = try served.book(files)
            #expect((book.owed, book.lastNumber) == (served.first.item.fee, 1), "\(restarted == nil)")
            _ = try served.store(MemoryFolder(files))
        }
    }
}

extension ItemStore {
    /// Finishes all of `drafts`, and enters `round` before any of them can be written.
    ///
    /// - Returns: the items whose receipts got out.
    fileprivate func finish(_ drafts: [ItemDraft], entering round: UInt64) async -> [FinishedItem] {
        // Jobs of this actor run in the order in which they are made, and the one that writes is made by the first of these.
        let finishing = drafts.map { draft in Task { try await finish(draft) } }
        let entering = Task { try enter(round: round) }
        _ = await entering.result
        var items: [FinishedItem] = []
        for task in finishing { if case .success(let item) = await task.result { items.append(item) } }
        return items
    }
}
