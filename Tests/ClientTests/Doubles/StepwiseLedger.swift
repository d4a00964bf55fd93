import Cryptography
import LedgerClient
import Messages
import Primitives
import ProtocolRules
import StateStore
import WireFormat

/// A ledger of one account that makes a block only when the test says so, and takes nothing but the account's next sequence.
actor StepwiseLedger: LedgerAccess {
    private let owner: Address
    private(set) var height: UInt64 = 10
    private var sequence: UInt64
    private var waiting: [(hash: Hash32, wake: CheckedContinuation<SubmissionResult, Never>)] = []
    /// The sequence of each transaction that came, and the height at which it did.
    private(set) var arrivals: [Arrival] = []
    private var watchers: [(count: Int, wake: CheckedContinuation<Void, Never>)] = []
    /// The next looks at where the ledger stands after which there is a block and somebody else has used the account.
    private var looksUntilStrangersBlock: Int?

    struct Arrival: Equatable, Sendable {
        let sequence: UInt64
        let height: UInt64
    }

    init(owner: Address, sequence: UInt64) { (self.owner, self.sequence) = (owner, sequence) }

    // MARK: What tests do to it

    /// Puts all that waits into a block.
    func makeBlock() {
        height += 1
        sequence += UInt64(waiting.count)
        let committed = waiting
        waiting = []
        for (hash, wake) in committed { wake.resume(returning: result(hash, height: height)) }
    }

    /// From now on another process has a transaction of the account waiting, which comes into a block after some looks.
    func strangerSends(looks: Int) { looksUntilStrangersBlock = looks }

    /// Returns once so many transactions have come.
    func whenArrived(_ count: Int) async {
        if arrivals.count >= count { return }
        await withCheckedContinuation { watchers.append((count, $0)) }
    }

    // MARK: LedgerAccess

    func status() -> LedgerStatus {
        if let looks = looksUntilStrangersBlock {
            looksUntilStrangersBlock = looks > 1 ? looks - 1 : nil
            if looks == 1 { (height, sequence) = (height + 1, sequence + 1) }
        }
        return LedgerStatus(chainID: "gonka-swift-test-1", height: height, appHash: .zero)
    }

    func read(_ key: Bytes, proving: Bool) -> StoreAnswer {
        let value =
            switch key {
            case StateKey.parameters: ProtocolParameters.devnet.encoded()
            case StateKey.account(owner): AccountRecord(number: 1, sequence: sequence).encoded()
            default: Bytes()
            }
        return StoreAnswer(value: value, proof: [], height: height)
    }

    func range(_ query: StateRangeQuery) -> StateRange { StateRange(records: []) }

    func appHash(after height: UInt64) -> Hash32 { .zero }

    func submit(_ transaction: Bytes) async throws(LedgerAccessError) -> SubmissionResult {
        let signed: UInt64?
        do {
            let raw = try TransactionRaw.decode(transaction)
            signed = try AuthenticationInfo.decode(raw.authInfoBytes).signerInfos.first?.sequence
        } catch { throw .malformed("\(error)") }
        arrivals.append(Arrival(sequence: signed ?? .max, height: height))
        let next = sequence + UInt64(waiting.count) + (looksUntilStrangersBlock == nil ? 0 : 1)
        for watcher in watchers where watcher.count <= arrivals.count { watcher.wake.resume() }
        watchers.removeAll { $0.count <= arrivals.count }
        let hash = Hash32.sha256(transaction)
        guard signed == next else { return result(hash, height: 0, code: 32) }
        return await withCheckedContinuation { waiting.append((hash, $0)) }
    }

    private func result(_ hash: Hash32, height: UInt64, code: UInt32 = 0) -> SubmissionResult {
        SubmissionResult(
            hash: hash, height: height, code: code, codespace: code == 0 ? "" : "sdk", log: "", events: [])
    }
}
