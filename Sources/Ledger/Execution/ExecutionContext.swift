import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import StateStore
import WireFormat

/// Everything that a handler may read and change. It is passed along by reference; nothing in the ledger is global.
///
/// Rule: whatever can fail after it has changed something runs inside `scope`.
/// Why: a refused transaction must leave nothing behind but its fee and its sequence.
struct ExecutionContext {
    let block: BlockContext
    /// Wired by `LedgerApp`: what the rounds below ask of the sessions above.
    let hooks: any RoundsHooks.Type
    /// The serial of the serving round whose work window this block is in.
    var servingSerial: UInt64 = 0
    let state: StateTransaction
    /// Held here while a block runs and written once at its end: every transaction that pays a fee touches it.
    var supply: SupplyRecord
    var orders = BlockOrders()
    /// The auditors of epoch and model, laid out for draws, by the key of their record. Saves time and changes no result: the
    /// records are written once, before the first draw of their epoch.
    var auditorDraws: [Bytes: DrawEntries] = [:]
    /// The weights of each model's hosts added up, where an epoch begins in this block. Saves time and changes no result: its sprint
    /// opens before anything else can change them.
    var listedWeights: [String: UInt64] = [:]
    /// Voucher signatures of the transaction at hand that were found valid before, by `SessionClaims.name`. Saves time and changes
    /// no result.
    var checkedVouchers: Set<Hash32> = []
    var events: [Event] = []

    /// Runs `body`; where it throws, all that it wrote, moved or announced is undone.
    mutating func scope<Value>(
        _ body: (inout ExecutionContext) throws(LedgerError) -> Value
    ) throws(LedgerError) -> Value {
        let (supplyBefore, ordersBefore) = (supply, orders)
        let eventsBefore = events.count
        do {
            return try state.nested { () throws(LedgerError) in try body(&self) }
        } catch {
            (supply, orders) = (supplyBefore, ordersBefore)
            events.removeSubrange(eventsBefore...)
            throw error
        }
    }

    /// Runs one step of a block that no transaction asked for. What a rule refuses here is a fault of the ledger: the step
    /// is undone and announced, and blocks go on.
    mutating func contain(
        _ step: @autoclosure () -> String, _ body: (inout ExecutionContext) throws(LedgerError) -> Void
    ) throws(LedgerError) {
        do {
            try scope(body)
        } catch .rejected(let rejection) {
            emit("step_failed", ("step", step()), ("reason", rejection.sentence))
        }
    }

    /// The record at `key`, or nil where there is none.
    func read<Record: CanonicalMessage>(_ type: Record.Type, at key: Bytes) throws(LedgerError) -> Record? {
        guard let bytes = state.value(for: key) else { return nil }
        return try decode(type, StateEntry(key: key, value: bytes))
    }

    /// The record of an entry. One that does not decode is the ledger's own fault.
    func decode<Record: CanonicalMessage>(_ type: Record.Type, _ entry: StateEntry) throws(LedgerError) -> Record {
        do {
            return try Record.decode(entry.value)
        } catch {
            throw .broken("the record at \(Hex.encode(entry.key)) is not a \(type): \(error)")
        }
    }

    /// The record at `key`, which another record says is there.
    func expect<Record: CanonicalMessage>(_ type: Record.Type, at key: Bytes) throws(LedgerError) -> Record {
        guard let record = try read(type, at: key) else { throw .broken("no \(type) at \(Hex.encode(key))") }
        return record
    }

    func write(_ record: some CanonicalMessage, at key: Bytes) { state.write(record.encoded(), for: key) }

    /// The serial of the last serving round in which work of this moment can still be claimed: the one after that now at work.
    func lastClaimableSerial() throws(LedgerError) -> UInt64 {
        try checked { () throws(ArithmeticError) in try servingSerial.adding(1) }
    }

    /// Raises the counter at `key` and returns its new value, from 1.
    func nextIdentifier(at key: Bytes) throws(LedgerError) -> UInt64 {
        let last = try counter(at: key)
        let next = try checked { () throws(ArithmeticError) in try last.adding(1) }
        state.write(.bigEndian(next), for: key)
        return next
    }

    /// The last value of the counter at `key`, 0 before the first.
    func counter(at key: Bytes) throws(LedgerError) -> UInt64 {
        guard let bytes = state.value(for: key) else { return 0 }
        guard let value = UInt64(bigEndianBytes: bytes) else {
            throw .broken("the counter at \(Hex.encode(key)) is damaged")
        }
        return value
    }

    mutating func emit(_ type: String, _ attributes: (String, String)...) { emit(type, attributes) }

    mutating func emit(_ type: String, _ attributes: [(String, String)]) {
        events.append(Event(type, attributes.map { Event.Attribute($0.0, $0.1) }))
    }
}
