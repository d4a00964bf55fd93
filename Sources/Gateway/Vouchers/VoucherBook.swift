import Primitives

/// What this gateway has promised to all executors of all its sessions, and the durable reservations behind it.
///
/// Every reservation is on disk before a promise that needs it is returned. A book whose last write failed promises
/// nothing that this write would have covered.
struct VoucherBook: Sendable {
    /// One executor of one session.
    struct Key: Hashable, Comparable, Sendable {
        let session: UInt64
        let executor: Address

        static func < (left: Key, right: Key) -> Bool {
            (left.session, left.executor) < (right.session, right.executor)
        }
    }

    private let storage: any VoucherStorage
    private var reservations: [Key: VoucherAccount.Reservation]
    private var accounts: [Key: VoucherAccount] = [:]

    init(storage: any VoucherStorage) throws(GatewayError) {
        self.storage = storage
        reservations = try storage.load()
    }

    /// The sessions in which something was ever reserved, and that were not forgotten.
    var sessions: Set<UInt64> { Set(reservations.keys.map(\.session)) }

    subscript(key: Key) -> VoucherAccount? { accounts[key] }

    /// Begins or continues an executor's account; one that is open already stays as it is.
    mutating func begin(_ key: Key, allotment: Amount) {
        guard accounts[key] == nil else { return }
        accounts[key] = VoucherAccount(
            allotment: allotment, reservation: reservations[key] ?? VoucherAccount.Reservation())
    }

    /// Opens a request of at most `maximum`.
    ///
    /// - Returns: what to sign, or nil where the account has no room or does not exist.
    /// - Throws: `.cannotWrite`; nothing was promised then.
    mutating func promise(_ maximum: Amount, to key: Key) throws(GatewayError) -> VoucherAccount.Promise? {
        while true {
            switch accounts[key]?.open(maximum: maximum) {
            case nil, .exhausted: return nil
            case .sign(let promise): return promise
            case .reserve(let reservation):
                try reserve([key: reservation])
                accounts[key]?.reserved(reservation)
            }
        }
    }

    /// Ends a request; one of a session that was forgotten meanwhile is of no interest any more.
    mutating func close(_ promise: VoucherAccount.Promise, with key: Key, fee: Amount) {
        accounts[key]?.close(promise, fee: fee)
    }

    /// Changes what one executor's account says of a request that has ended.
    mutating func amend(_ key: Key, _ change: (inout VoucherAccount) -> Void) {
        guard var account = accounts[key] else { return }
        change(&account)
        accounts[key] = account
    }

    /// Makes room for a session's members, so that the book names every session that it may be asked about.
    mutating func enter(session: UInt64, members: [Address]) throws(GatewayError) {
        let keys = members.map { Key(session: session, executor: $0) }.filter { reservations[$0] == nil }
        guard !keys.isEmpty else { return }
        try reserve(Dictionary(uniqueKeysWithValues: keys.map { ($0, VoucherAccount.Reservation()) }))
    }

    /// Drops a session that takes no voucher any more. The next write leaves it out.
    mutating func forget(session: UInt64) {
        accounts = accounts.filter { $0.key.session != session }
        reservations = reservations.filter { $0.key.session != session }
    }

    /// Writes what was really promised instead of what was reserved ahead: for a stop without a crash.
    mutating func settle() throws(GatewayError) {
        var settled = accounts
        for key in settled.keys { reservations[key] = settled[key]?.settle() }
        accounts = settled
        try storage.save(reservations)
    }

    private mutating func reserve(_ wider: [Key: VoucherAccount.Reservation]) throws(GatewayError) {
        let all = reservations.merging(wider) { _, new in new }
        try storage.save(all)
        reservations = all
    }
}

/// Where a voucher book survives crashes.
protocol VoucherStorage: Sendable {
    /// What was last saved; empty where nothing was.
    func load() throws(GatewayError) -> [VoucherBook.Key: VoucherAccount.Reservation]

    /// Makes `reservations` durable, in place of what was there, before it returns. After an error the old or the new ones
    /// are there.
    func save(_ reservations: [VoucherBook.Key: VoucherAccount.Reservation]) throws(GatewayError)
}
