import Cryptography
import OrderingAPI
import Primitives

/// The transactions that passed their check and wait for a block. A pure state machine: the ordering tells it what
/// happened and does what it answers.
///
/// Order is arrival; within one sender it is the sequence. A transaction that arrives late with a lower sequence takes the
/// sender's earliest place and the sender's others move one place back, so it overtakes nobody else. Only duty transactions
/// come first, within the part of a block that is kept for them and where none of their sender's comes before.
package struct Mempool: Sendable {
    package struct Transaction: Equatable, Sendable {
        package let bytes: Bytes
        package let hash: Hash32
        package let sender: Bytes
        package let sequence: UInt64
        package let lane: TransactionLane
    }

    /// What a block leaves to do: senders of the expired are told, and the others are checked again, in this order.
    package struct Aftermath: Equatable, Sendable {
        package let expired: [Transaction]
        package let recheck: [Transaction]
    }

    private struct Entry {
        let transaction: Transaction
        let arrivalHeight: UInt64
        var place: UInt64
    }

    private struct Load {
        private(set) var (count, bytes) = (0, 0)

        mutating func add(_ transaction: Transaction) {
            count += 1
            bytes += transaction.bytes.count
        }

        mutating func remove(_ transaction: Transaction) {
            count -= 1
            bytes -= transaction.bytes.count
        }
    }

    private let limits: Limits
    private var height: UInt64
    private var entries: [Hash32: Entry] = [:]
    /// The hashes of each sender's transactions, in ascending sequence and ascending place.
    private var senders: [Bytes: [Hash32]] = [:]
    private var nextPlace: UInt64 = 0
    private var committed: BoundedHistory<Void>

    /// What waits in all lanes, and in the ordinary one.
    private var (all, ordinary) = (Load(), Load())

    package var byteCount: Int { all.bytes }
    package var count: Int { entries.count }
    package var isEmpty: Bool { entries.isEmpty }
    /// Whether nothing is taken before the next block, whatever it is.
    package var isFull: Bool { count >= limits.waitingMax || byteCount >= limits.waitingBytesMax }

    /// - Parameter height: of the last block.
    package init(limits: Limits, height: UInt64) {
        self.limits = limits
        self.height = height
        committed = BoundedHistory(countMax: limits.committedHashesMax)
    }

    /// A transaction arrived: may it be checked? Costs one hash at most, so that a flood is refused cheaply.
    ///
    /// - Returns: its hash.
    package func screen(_ bytes: Bytes) throws(MempoolRefusal) -> Hash32 {
        if bytes.count > min(limits.transactionBytesMax, limits.block.bytesMax) { throw .tooLarge }
        let hash = Hash32.sha256(bytes)
        if entries[hash] != nil { throw .alreadyWaiting }
        if committed[hash] != nil { throw .alreadyCommitted }
        if count >= limits.waitingMax { throw .tooManyWaiting }
        if byteCount + bytes.count > limits.waitingBytesMax { throw .tooManyBytesWaiting }
        return hash
    }

    /// A transaction that `screen` let through was accepted by the application.
    package mutating func admit(_ bytes: Bytes, hash: Hash32, check: TransactionResult) throws(MempoolRefusal) {
        let transaction = Transaction(
            bytes: bytes, hash: hash, sender: check.sender, sequence: check.sequence, lane: check.lane)
        try checkRoom(for: transaction)
        var queue = senders[transaction.sender, default: []]
        let later = queue.firstIndex { sequence(of: $0) >= transaction.sequence } ?? queue.endIndex
        if later < queue.endIndex && sequence(of: queue[later]) == transaction.sequence { throw .sequenceTaken }
        queue.insert(hash, at: later)
        senders[transaction.sender] = queue
        entries[hash] = Entry(transaction: transaction, arrivalHeight: height, place: nextPlace)
        all.add(transaction)
        if transaction.lane == .ordinary { ordinary.add(transaction) }
        nextPlace += 1
        if later < queue.endIndex - 1 { reorderPlaces(of: queue) }
    }

    /// A block is due: the transactions for it, in order, from the first up to the first that no longer fits. They stay
    /// in the mempool until `finish` hears of the block.
    package func reap(bytesMax: Int, countMax: Int) -> [Transaction] {
        var bytes = 0
        let waiting = blockOrder().prefix(countMax)
        let end = waiting.firstIndex { transaction in
            bytes += transaction.bytes.count
            return bytes > bytesMax
        }
        return Array(waiting[..<(end ?? waiting.endIndex)])
    }

    /// A block was committed.
    ///
    /// An accepted transaction is known again by its hash. A refused one is not: it may yet come right, with the same bytes,
    /// once what it lacked is there.
    package mutating func finish(height: UInt64, block: [(hash: Hash32, isAccepted: Bool)]) -> Aftermath {
        self.height = height
        for (hash, isAccepted) in block {
            remove(hash)
            if isAccepted { committed.insert((), for: hash) }
        }
        let expired = inOrder { height - $0.arrivalHeight >= limits.waitingBlocksMax }
        for transaction in expired { remove(transaction.hash) }
        return Aftermath(expired: expired, recheck: blockOrder())
    }

    /// A waiting transaction failed its recheck.
    package mutating func remove(_ hash: Hash32) {
        guard let entry = entries.removeValue(forKey: hash) else { return }
        all.remove(entry.transaction)
        if entry.transaction.lane == .ordinary { ordinary.remove(entry.transaction) }
        var queue = senders.removeValue(forKey: entry.transaction.sender) ?? []
        if let index = queue.firstIndex(of: hash) { queue.remove(at: index) }
        if !queue.isEmpty { senders[entry.transaction.sender] = queue }
    }

    private func checkRoom(for transaction: Transaction) throws(MempoolRefusal) {
        let bytes = transaction.bytes.count
        if transaction.lane == .ordinary {
            if ordinary.count >= limits.waitingMax - limits.waitingDutyReserved { throw .tooManyWaiting }
            if ordinary.bytes + bytes > limits.waitingBytesMax - limits.waitingDutyBytesReserved {
                throw .tooManyBytesWaiting
            }
        }
        let queue = senders[transaction.sender, default: []]
        if queue.count >= limits.waitingPerSenderMax { throw .tooManyOfSender }
        let waiting = queue.reduce(0) { $0 + (entries[$1]?.transaction.bytes.count ?? 0) }
        if waiting + bytes > limits.waitingBytesPerSenderMax { throw .tooManyBytesOfSender }
    }

    private func sequence(of hash: Hash32) -> UInt64 { entries[hash]?.transaction.sequence ?? 0 }

    private func inOrder(where isIncluded: (Entry) -> Bool = { _ in true }) -> [Transaction] {
        entries.values.filter(isIncluded).sorted { $0.place < $1.place }.map(\.transaction)
    }

    /// All that waits in the order of the next block.
    private func blockOrder() -> [Transaction] {
        limits.block.inOrder(inOrder()) { ($0.bytes.count, $0.sender, $0.lane) }
    }

    /// Gives a sender's places to its transactions by sequence.
    private mutating func reorderPlaces(of queue: [Hash32]) {
        let places = queue.compactMap { entries[$0]?.place }.sorted()
        for (hash, place) in zip(queue, places) { entries[hash]?.place = place }
    }
}
