import Cryptography
import OrderingAPI
import Primitives

/// One transaction of `CountingApplication`.
struct Addition {
    var sender: UInt8 = 1
    var sequence: UInt64 = 0
    /// `Addition.refusedAmount` passes the check, uses its sequence and is refused in the block.
    var amount: UInt8 = 1
    /// Bytes that only make it longer.
    var padding = 0

    static let refusedAmount: UInt8 = 255
    /// `Addition.dutyAmount` is a duty.
    static let dutyAmount: UInt8 = 254

    var lane: TransactionLane { amount == Addition.dutyAmount ? .duty : .ordinary }

    var bytes: Bytes { [sender] + Bytes.bigEndian(sequence) + [amount] + Bytes(repeating: 7, count: padding) }

    init(sender: UInt8 = 1, sequence: UInt64 = 0, amount: UInt8 = 1, padding: Int = 0) {
        (self.sender, self.sequence, self.amount, self.padding) = (sender, sequence, amount, padding)
    }

    init?(_ bytes: Bytes) {
        guard bytes.count >= 10, let sequence = UInt64(bigEndianBytes: bytes[1..<9]) else { return nil }
        self.init(sender: bytes[0], sequence: sequence, amount: bytes[9], padding: bytes.count - 10)
    }
}

/// A ledger of one number. Transactions add to it, and the app hash is a hash of all that happened.
final class CountingApplication: ReplicatedApplication {
    struct State: Equatable {
        var chainID = ""
        var height: UInt64 = 0
        var blockHash = Hash32.zero
        var appHash = Hash32.zero
        var total: UInt64 = 0
        var sequences: [UInt8: UInt64] = [:]
    }

    /// What outlives the process.
    final class Disk: Sendable {
        private let stored = Locked(State())

        var state: State {
            get { stored.withLock { $0 } }
            set { stored.withLock { $0 = newValue } }
        }
    }

    static let unreadable = TransactionResult(code: 1, codespace: "counting", log: "unreadable")

    private let disk: Disk
    private var committed: State
    private var finalised: State?
    /// Sequences after the transactions that were accepted since the last commit.
    private var checked: [UInt8: UInt64]
    private(set) var recheckCount = 0

    init(disk: Disk = Disk()) {
        self.disk = disk
        committed = disk.state
        checked = disk.state.sequences
    }

    var total: UInt64 { committed.total }

    func info() -> ApplicationInfo {
        let state = disk.state
        return ApplicationInfo(
            chainID: state.chainID, lastBlockHeight: state.height, lastBlockHash: state.blockHash,
            lastBlockAppHash: state.appHash)
    }

    func initChain(_ request: InitChainRequest) throws(ApplicationFailure) -> InitChainResponse {
        if request.applicationState.isEmpty { throw ApplicationFailure("The genesis has no state.") }
        committed.chainID = request.chainID
        committed.appHash = .sha256(request.applicationState)
        return InitChainResponse(appHash: committed.appHash)
    }

    func checkTransaction(_ bytes: Bytes, isRecheck: Bool) -> TransactionResult {
        if isRecheck { recheckCount += 1 }
        guard let addition = Addition(bytes) else { return CountingApplication.unreadable }
        return CountingApplication.check(addition, against: &checked)
    }

    func finalizeBlock(_ block: OrderedBlock) throws(ApplicationFailure) -> BlockResult {
        if block.height != committed.height + 1 { throw ApplicationFailure("Height \(block.height) is not the next.") }
        if block.parentHash != committed.blockHash { throw ApplicationFailure("\(block.parentHash) is not the last.") }
        var state = committed
        (state.height, state.blockHash) = (block.height, block.hash)
        let results = block.transactions.map { bytes in
            guard let addition = Addition(bytes) else { return CountingApplication.unreadable }
            let result = CountingApplication.check(addition, against: &state.sequences)
            guard result.isAccepted else { return result }
            if addition.amount == Addition.refusedAmount {
                return TransactionResult(code: 3, codespace: "counting", log: "refused in the block")
            }
            state.total += UInt64(addition.amount)
            return result
        }
        state.appHash = .sha256(state.appHash.bytes + block.hash.bytes + Bytes.bigEndian(state.total))
        finalised = state
        return BlockResult(
            transactionResults: results, events: [Event("counted", [.init("total", "\(state.total)")])],
            appHash: state.appHash)
    }

    func commit() throws(ApplicationFailure) {
        guard let state = finalised else { throw ApplicationFailure("There is nothing to commit.") }
        (committed, checked, finalised) = (state, state.sequences, nil)
        disk.state = state
    }

    func query(_ request: QueryRequest) -> QueryResponse {
        QueryResponse(
            value: Bytes.bigEndian(committed.total), height: committed.height, appHash: committed.appHash)
    }

    private static func check(_ addition: Addition, against sequences: inout [UInt8: UInt64]) -> TransactionResult {
        let sender = Bytes(repeating: addition.sender, count: Address.length)
        if addition.sequence != sequences[addition.sender, default: 0] {
            return TransactionResult(code: 2, codespace: "counting", log: "wrong sequence", sender: sender)
        }
        sequences[addition.sender] = addition.sequence + 1
        return TransactionResult(sender: sender, sequence: addition.sequence, lane: addition.lane)
    }
}
