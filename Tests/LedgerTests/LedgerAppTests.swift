import Cryptography
import Messages
import OrderingAPI
import Primitives
import StateStore
import TestSupport
import Testing
import WireFormat

@testable import Ledger

@Suite("The ledger behind an ordering")
struct LedgerAppTests {
    private let receiver = TestAccount("receiver").address

    private func hash(_ height: UInt64, salt: String = "") -> Hash32 { .sha256(utf8: "block \(height)\(salt)") }

    private func block(_ height: UInt64, _ transactions: [Bytes] = [], salt: String = "") -> OrderedBlock {
        OrderedBlock(
            height: height, timeMilliseconds: 0, hash: hash(height, salt: salt),
            parentHash: height > 1 ? hash(height - 1) : .zero, transactions: transactions)
    }

    private func info(_ height: UInt64, _ appHash: Hash32) -> ApplicationInfo {
        ApplicationInfo(
            chainID: TestLedger.chainID, lastBlockHeight: height, lastBlockHash: height > 0 ? hash(height) : .zero,
            lastBlockAppHash: appHash)
    }

    private func transfer(_ ledger: TestLedger, sequence: UInt64, amount: UInt64 = 1, from index: Int = 0) -> Bytes {
        let sender = ledger.accounts[index]
        var draft = TestTransaction(
            [MsgSend(from: sender.address, to: receiver, amount: Amount(amount))], by: sender.key.publicKey,
            accountNumber: UInt64(index + 1), sequence: sequence)
        draft.offer(Amount(1_000_000))
        return draft.signed(by: sender.key)
    }

    @Test("Before genesis it stands at height 0 with a zero hash and takes nothing")
    func waitsForGenesis() throws {
        let app = try LedgerApp(storage: MemoryStorage())
        #expect(app.info() == .beforeGenesis)
        #expect(app.checkTransaction([1], isRecheck: false).refusal == Refusal("ledger", 2))
        #expect(throws: ApplicationFailure.self) { try app.finalizeBlock(block(1)) }
        #expect(throws: ApplicationFailure.self) { try app.commit() }
        #expect(app.query(QueryRequest(path: "/store", data: [1, 2])).value.isEmpty)
    }

    @Test("The same genesis may be given again until block 1 is committed, also after a restart; another may not")
    func repeatsGenesis() throws {
        let storage = MemoryStorage()
        let plan = TestLedgerPlan()
        let first = try LedgerApp(storage: storage)
        let response = try first.initChain(plan.request)
        #expect(first.info() == info(0, response.appHash))
        #expect(try first.initChain(plan.request) == response)
        let second = try LedgerApp(storage: storage)
        #expect(try second.initChain(plan.request) == response)
        var other = plan
        other.balance = Amount(plan.balance.ngonka + 1)
        #expect(throws: ApplicationFailure.self) { try second.initChain(other.request) }
        #expect(second.info().lastBlockAppHash == response.appHash)

        _ = try second.finalizeBlock(block(1))
        #expect(try second.initChain(plan.request) == response)
        try second.commit()
        #expect(throws: ApplicationFailure.self) { try second.initChain(plan.request) }
    }

    @Test("Finalising computes and commit decides: the last proposal of a height counts, and each gives one answer")
    func finalisesRounds() throws {
        let ledger = try TestLedger()
        let app = ledger.app
        let empty = try app.finalizeBlock(block(1))
        let full = try app.finalizeBlock(block(1, [transfer(ledger, sequence: 0)]))
        #expect(full.appHash != empty.appHash)
        #expect(try app.finalizeBlock(block(1)) == empty)
        #expect(try app.finalizeBlock(block(1, salt: "other")).appHash != empty.appHash)
        #expect(app.info().lastBlockHeight == 0)
        #expect(try app.finalizeBlock(block(1, [transfer(ledger, sequence: 0)])) == full)
        for height in [0, 2, .max] as [UInt64] {
            #expect(throws: ApplicationFailure.self) { try app.finalizeBlock(block(height)) }
        }
        try app.commit()
        #expect(app.info() == info(1, full.appHash))
        #expect(throws: ApplicationFailure.self) { try app.commit() }
        #expect(throws: ApplicationFailure.self) { try app.finalizeBlock(block(1)) }
    }

    @Test("A restart goes on from what was committed")
    func restarts() throws {
        let storage = MemoryStorage()
        let app = try LedgerApp(storage: storage)
        _ = try app.initChain(TestLedgerPlan().request)
        let one = try app.finalizeBlock(block(1))
        try app.commit()
        _ = try app.finalizeBlock(block(2))
        let restarted = try LedgerApp(storage: storage)
        #expect(restarted.info() == info(1, one.appHash))
        #expect(try restarted.finalizeBlock(block(2)) == app.finalizeBlock(block(2)))
    }

    @Test("A block names the last committed one as its parent, also after a restart")
    func refusesAnotherParent() throws {
        let storage = MemoryStorage()
        let app = try LedgerApp(storage: storage)
        _ = try app.initChain(TestLedgerPlan().request)
        let orphan = OrderedBlock(
            height: 1, timeMilliseconds: 0, hash: hash(1), parentHash: hash(0), transactions: [])
        #expect(throws: ApplicationFailure.self) { try app.finalizeBlock(orphan) }
        _ = try app.finalizeBlock(block(1, salt: "fork"))
        try app.commit()
        let restarted = try LedgerApp(storage: storage)
        for ledger in [app, restarted] {
            let failure = #expect(throws: ApplicationFailure.self) { try ledger.finalizeBlock(block(2)) }
            #expect(failure?.reason.contains("\(hash(1))") == true)
            #expect(failure?.reason.contains("\(hash(1, salt: "fork"))") == true)
        }
    }

    @Test("A storage that fails stops the ledger where it was")
    func stopsWithItsStorage() throws {
        let storage = FailingStorage()
        let app = try LedgerApp(storage: storage)
        _ = try app.initChain(TestLedgerPlan().request)
        _ = try app.finalizeBlock(block(1))
        storage.fails = true
        #expect(throws: ApplicationFailure.self) { try app.commit() }
        #expect(app.info().lastBlockHeight == 0)
    }

    @Test("A block that holds a transaction twice executes it once")
    func refusesDoubles() throws {
        let ledger = try TestLedger()
        let transaction = transfer(ledger, sequence: 0)
        let results = try ledger.block([transaction, transaction]).transactionResults
        #expect(results.map(\.refusal) == [nil, Refusal("sdk", 32)])
        #expect(try ledger.balance(of: receiver) == Amount(1))
        #expect(try ledger.block([transaction]).transactionResults[0].refusal == Refusal("sdk", 32))
    }

    @Test("The mempool counts on what it took, until a commit")
    func checksInSequence() throws {
        let ledger = try TestLedger()
        let check = { (bytes: Bytes) in ledger.app.checkTransaction(bytes, isRecheck: false) }
        let transactions = (0..<3).map { transfer(ledger, sequence: $0) }
        #expect(check(transactions[1]).refusal == Refusal("sdk", 32))
        let first = check(transactions[0])
        #expect(first.isAccepted)
        #expect(first.sender == ledger.accounts[0].address.bytes)
        #expect(first.sequence == 0)
        #expect(check(transactions[0]).refusal == Refusal("sdk", 32))
        #expect(check(transactions[1]).isAccepted)
        #expect(check(transactions[2]).isAccepted)

        // The block takes only the first; the mempool starts again from there.
        try ledger.block([transactions[0]])
        #expect(check(transactions[2]).refusal == Refusal("sdk", 32))
        #expect(ledger.app.checkTransaction(transactions[1], isRecheck: true).isAccepted)
        #expect(ledger.app.checkTransaction(transactions[2], isRecheck: true).isAccepted)
    }

    @Test("Fees of waiting transactions are counted too, and what is refused uses nothing")
    func checksFees() throws {
        let ledger = try TestLedger()
        let (sender, poor) = (ledger.accounts[0], TestAccount("poor"))
        let money = MsgSend(from: sender.address, to: poor.address, amount: Amount(150_000))
        #expect(try ledger.run(money, by: sender).isAccepted)
        let message = MsgSend(from: poor.address, to: receiver, amount: Amount(1))
        let transactions = try (0..<2).map { _ in try ledger.sign([message], by: poor, fee: Amount(100_000)) }
        #expect(ledger.app.checkTransaction(transactions[0], isRecheck: false).isAccepted)
        #expect(ledger.app.checkTransaction(transactions[1], isRecheck: false).refusal == Refusal("sdk", 5))
        let results = try ledger.block(transactions).transactionResults
        #expect(results.map(\.refusal) == [nil, Refusal("sdk", 5)])
        // The block left the sequence at 1 and took one fee.
        let account = try ledger.record(AccountRecord.self, at: StateKey.account(poor.address))
        #expect(account?.sequence == 1)
        #expect(account?.balance == Amount(150_000 - 100_000 - 1))
    }

    @Test("A transaction that the mempool verified gives the same result as one that comes out of nowhere")
    func agreesWithAndWithoutMempool() throws {
        let (warm, cold) = (try TestLedger(), try TestLedger())
        for sequence in 0..<4 as Range<UInt64> {
            let transactions = (0..<3).map { transfer(warm, sequence: sequence, amount: sequence * 7 + 1, from: $0) }
            for bytes in transactions { #expect(warm.app.checkTransaction(bytes, isRecheck: false).isAccepted) }
            #expect(try warm.block(transactions) == cold.block(transactions))
        }
        #expect(warm.appHash == cold.appHash)
    }

    /// Loses a block's commit, as a disk that fails does.
    private final class FailingStorage: StateStorage {
        var fails = false
        private let storage = MemoryStorage()

        func load() -> StoredState? { storage.load() }

        func commit(_ commit: StateCommit) throws(StateStorageError) {
            if fails { throw .inputOutput(reason: "the disk is gone") }
            try storage.commit(commit)
        }
    }
}
