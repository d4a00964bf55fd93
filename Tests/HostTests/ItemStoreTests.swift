import Cryptography
import Messages
import OpenAIWire
import Primitives
import ProtocolRules
import StubEngine
import TestSupport
import Testing
import WireFormat

@testable import HostRoles

@Suite("The item store")
struct ItemStoreTests {
    /// Whether the synced part of the log holds the item.
    static func isDurable(_ item: FinishedItem, in folder: MemoryFolder) -> Bool {
        let record = ItemLogRecord.item(item).encoded()
        return folder.synced.values.contains { contains($0, record) }
    }

    static func contains(_ bytes: Bytes, _ part: Bytes) -> Bool {
        guard bytes.count >= part.count else { return false }
        return (0...(bytes.count - part.count)).contains { start in
            bytes[start] == part[0] && bytes[start..<(start + part.count)].elementsEqual(part)
        }
    }

    @Test("A receipt leaves only when its item survives a loss of power")
    func receiptAfterSync() async throws {
        let scene = try await HostScene()
        for sequence in 1...5 {
            let answer = try await scene.ask(sequence: UInt64(sequence))
            #expect(Self.isDurable(answer.item, in: scene.folder))
        }
    }

    @Test(
        "No receipt leaves for an item that could not be made durable, and the host stops",
        arguments: [
            MemoryFolder.Fault.failedSync(after: 0), .tornWrite(after: 0, bytes: 0), .tornWrite(after: 0, bytes: 100),
        ])
    func failedWrite(_ fault: MemoryFolder.Fault) async throws {
        let scene = try await HostScene()
        let first = try await scene.ask(sequence: 1)
        scene.folder.plan(fault)
        await #expect(throws: OpenAIError.internalError) { try await scene.ask(sequence: 2) }
        scene.folder.plan(nil)
        await #expect(throws: OpenAIError.shuttingDown) { try await scene.ask(sequence: 3) }
        await #expect(throws: ItemLogError.self) { try await scene.store.checkUsable() }
        await #expect(throws: ItemLogError.self) { try await scene.keeper.step() }

        // After a restart the first item is there, and numbers go on without a gap.
        let again = try await HostScene(
            engine: scene.engine, ledger: scene.ledger, folder: MemoryFolder(scene.folder.synced))
        #expect(try await again.store.item(1, number: 1) == first.item)
        #expect(try await again.ask(sequence: 2).item.serving?.number == 2)
    }

    @Test("Items that finish together share a sync, each with its own number", arguments: [(1, 1), (40, 1), (41, 2)])
    func groups(items: Int, syncs: Int) async throws {
        var limits = Limits()
        limits.groupItemsMax = 40
        let scene = try await HostScene(limits: limits)
        let member = try await scene.view.membership(1).member
        let template = try await scene.ask(sequence: 1_000).item
        var drafts: [ItemDraft] = []
        for sequence in 1...items {
            let voucher = await scene.voucher(sequence: UInt64(sequence))
            guard
                case .opened(let reservation) = try await scene.store.open(
                    voucher, maximumPerChoice: Amount(9), member: member)
            else { throw OpenAIError.internalError }
            drafts.append(ItemDraft(like: template, for: reservation))
        }
        scene.folder.plan(nil)
        let finished = try await scene.store.finishTogether(drafts)
        #expect(scene.folder.syncs == syncs)
        #expect(finished.compactMap(\.serving?.number) == (2...UInt64(items + 1)).map { $0 })
        for item in finished { #expect(Self.isDurable(item, in: scene.folder)) }
    }

    @Test("Many requests at once each end in an item of their own")
    func sideBySide() async throws {
        let scene = try await HostScene()
        let numbers = try await withThrowingTaskGroup(of: UInt64.self) { group in
            for sequence in 1...60 {
                group.addTask {
                    let item = try await scene.ask(sequence: UInt64(sequence)).item
                    #expect(Self.isDurable(item, in: scene.folder))
                    return item.serving?.number ?? 0
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(numbers.sorted() == Array(1...60))
    }

    @Test("Nobody waits for an answer whose item cannot be written")
    func failedWriteEndsWaits() async throws {
        let turnstile = Turnstile()
        let scene = try await HostScene(
            engine: ScriptedEngine(model: "test-model", answer: "Hi") { _ in try await turnstile.pass() })
        let request = await scene.request()
        let first = Task { try await HostScene.whole(try await scene.executor.answer(request)) }
        await turnstile.waitForArrivals(1)
        let second = Task { try await HostScene.whole(try await scene.executor.answer(request)) }
        scene.folder.plan(.failedSync(after: 0))
        await turnstile.open()
        await #expect(throws: OpenAIError.self) { try await first.value }
        await #expect(throws: OpenAIError.self) { try await second.value }
        await scene.executor.load.waitUntilIdle()
    }

    @Test("A crash at any byte of the log loses no item whose receipt left")
    func crashes() async throws {
        let scene = try await HostScene()
        var sizes: [Int] = []
        for sequence in 1...3 {
            try await scene.ask(sequence: UInt64(sequence))
            sizes.append(try #require(scene.folder.synced.values.map(\.count).max()))
        }
        let (name, whole) = try #require(scene.folder.synced.max { $0.value.count < $1.value.count })
        for length in stride(from: sizes[0], through: whole.count, by: 7) {
            let folder = MemoryFolder([name: Bytes(whole.prefix(length))])
            let store = try ItemStore(
                folder: folder, identity: scene.identity, limits: Limits(), logger: scene.logger)
            let acknowledged = sizes.count { $0 <= length }
            for number in 1...3 {
                let item = try await store.item(1, number: UInt64(number))
                #expect((item != nil) == (number <= acknowledged), "\(length)")
            }
        }
    }

    @Test("A restart knows answers, vouchers, fees and numbers")
    func restart() async throws {
        let scene = try await HostScene()
        let first = try await scene.ask(sequence: 1, amount: 400_000)
        _ = try await scene.ask(session: 2, sequence: 4)
        let again = try await scene.restarted()
        #expect(try await again.ask(sequence: 1, amount: 400_000).item == first.item)
        #expect(try await again.ask(sequence: 2, amount: 400_000).item.serving?.number == 2)
        #expect(try await again.ask(session: 2, sequence: 5).item.serving?.number == 2)
        // Both items are owed, and no voucher covers them and a third maximum.
        await #expect {
            try await again.ask(sequence: 3, amount: 400_000)
        } throws: {
            ($0 as? OpenAIError)?.code == .voucherAmountTooLow
        }
    }

    @Test("A voucher that covers other items survives a crash too")
    func heldVoucher() async throws {
        let scene = try await HostScene()
        // The second voucher is for the most; its request ends in nothing.
        let high = await scene.voucher(sequence: 2, amount: 800_000_000)
        let member = try await scene.view.membership(1).member
        guard
            case .opened(let reservation) = try await scene.store.open(
                high, maximumPerChoice: Amount(1), member: member)
        else { throw OpenAIError.internalError }
        try await scene.ask(sequence: 1, amount: 700_000_000)
        await scene.store.release(reservation)
        let again = try await scene.restarted()
        let claimable = try #require(await again.store.claimable(1, after: 0, through: .max))
        #expect(claimable.voucher == high)
    }

    @Test("A log of another host or chain is refused by name")
    func otherOwner() async throws {
        let scene = try await HostScene()
        try await scene.ask()
        #expect {
            try ItemStore(
                folder: MemoryFolder(scene.folder.contents),
                identity: HostIdentity(
                    chainID: scene.identity.chainID, address: scene.payer.address,
                    operatorKey: scene.identity.operatorKey, url: ""), limits: Limits(), logger: scene.logger)
        } throws: {
            guard case .otherOwner = $0 as? ItemLogError else { return false }
            return true
        }
        #expect(throws: ItemLogError.foreignFile("stray")) {
            try ItemStore(
                folder: MemoryFolder(["stray": []]), identity: scene.identity, limits: Limits(), logger: scene.logger)
        }
    }

    @Test("A damaged log names its file, and is left alone")
    func damage() async throws {
        let scene = try await HostScene()
        try await scene.ask()
        var files = scene.folder.contents
        let name = try #require(files.keys.max())
        files[name]?[200] ^= 1
        let folder = MemoryFolder(files)
        #expect {
            try ItemStore(folder: folder, identity: scene.identity, limits: Limits(), logger: scene.logger)
        } throws: {
            guard case .unusable(let file, _) = $0 as? ItemLogError else { return false }
            return file == name
        }
        #expect(folder.contents == files)
    }
}

extension ItemDraft {
    /// Another item with the answer of `item`, for one ngonka.
    init(like item: FinishedItem, for reservation: Reservation) {
        self.init(
            reservation: reservation, choice: 0, model: item.item.model, promptDigest: item.item.promptDigest,
            sampling: item.item.sampling, seed: ItemSeed(item.item.seed), finishReason: .stop, fee: Amount(1),
            fingerprintCommitment: item.item.fingerprintCommitment, isUnproven: false, body: item.body,
            answer: item.answer, cachedTokens: 0, answerDigest: item.receipt.statement.answerDigest)
    }
}

extension ItemStore {
    /// Finishes all of them in one go: the first write begins after the last of them was handed in.
    fileprivate func finishTogether(_ drafts: [ItemDraft]) async throws -> [FinishedItem] {
        let tasks = drafts.map { draft in Task { try await finish(draft) } }
        var items: [FinishedItem] = []
        for task in tasks { items.append(try await task.value) }
        return items
    }
}
