import Cryptography
import Messages
import Primitives
import ProtocolRules
import WireFormat

/// Builds the sessions' books from what the log holds.
struct ItemReplay {
    let identity: HostIdentity
    private(set) var books: [UInt64: SessionBook] = [:]

    init(identity: HostIdentity) { self.identity = identity }

    mutating func take(_ record: ItemLogRecord, at position: ItemLog.Position) throws(ItemLogError) {
        switch record {
        case .head(let head): try take(head)
        case .item(let item):
            guard let entry = SessionBook.Entry(item, at: position) else { return }
            let voucher = item.voucher
            update(voucher.statement.session) { book in
                book.record(entry)
                book.owe(item.item.fee)
                book.hold(voucher)
                book.logged(voucher.statement.amount)
            }
        case .proof(let item):
            guard let entry = SessionBook.Entry(item, at: position), let session = item.serving?.session else { return }
            update(session) { $0.strip(entry) }
        case .voucher(let voucher):
            update(voucher.statement.session) { book in
                book.hold(voucher)
                book.logged(voucher.statement.amount)
            }
        }
    }

    private mutating func take(_ head: SegmentHead) throws(ItemLogError) {
        guard head.chainID == identity.chainID, head.host == identity.address else {
            throw .otherOwner(
                found: "\(head.host.bech32) of \(head.chainID)",
                expected: "\(identity.address.bech32) of \(identity.chainID)")
        }
        for balance in head.balances { update(balance.session) { $0.restore(balance) } }
    }

    private mutating func update(_ session: UInt64, _ change: (inout SessionBook) -> Void) {
        var book = books[session] ?? SessionBook(session: session)
        change(&book)
        books[session] = book
    }
}

extension SessionBook.Entry {
    /// The index entry of an item in the log; nil for an item that nobody asked for, which this log never holds.
    init?(_ item: FinishedItem, at position: ItemLog.Position) {
        guard let serving = item.serving else { return nil }
        self.init(
            number: serving.number, sequence: serving.sequence, requestDigest: serving.requestDigest,
            model: item.item.model, round: item.round,
            leaf: item.item.leaf,
            position: position)
    }
}
