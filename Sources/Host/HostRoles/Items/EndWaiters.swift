import Messages

/// A request's place among all: its session, and its sequence there.
struct SequenceKey: Hashable {
    let session: UInt64
    let sequence: UInt64

    init(_ voucher: Voucher) { (session, sequence) = (voucher.session, voucher.sequence) }
}

/// Those who wait for the end of requests that somebody else has sent. Each is resumed exactly once.
struct EndWaiters {
    private struct Waiter {
        let key: SequenceKey
        let continuation: CheckedContinuation<Void, Never>
    }

    private var waiters: [UInt64: Waiter] = [:]
    private var ids: [SequenceKey: Set<UInt64>] = [:]
    private var lastID: UInt64 = 0

    var count: Int { waiters.count }

    /// The name of one who is about to wait.
    mutating func newID() -> UInt64 {
        lastID += 1
        return lastID
    }

    mutating func add(_ continuation: CheckedContinuation<Void, Never>, _ id: UInt64, for key: SequenceKey) {
        waiters[id] = Waiter(key: key, continuation: continuation)
        ids[key, default: []].insert(id)
    }

    /// Lets one go who does not want to wait any more.
    mutating func resume(_ id: UInt64) {
        guard let waiter = waiters.removeValue(forKey: id) else { return }
        ids[waiter.key]?.remove(id)
        if ids[waiter.key]?.isEmpty == true { ids[waiter.key] = nil }
        waiter.continuation.resume()
    }

    /// The request has ended.
    mutating func resumeAll(for key: SequenceKey) {
        for id in ids.removeValue(forKey: key) ?? [] { waiters.removeValue(forKey: id)?.continuation.resume() }
    }

    /// No request will end any more.
    mutating func resumeEverybody() {
        for waiter in waiters.values { waiter.continuation.resume() }
        (waiters, ids) = ([:], [:])
    }
}
