import Messages
import Primitives
import WireFormat

/// What an item log's files hold, in the order in which it happened.
enum ItemLogRecord: CanonicalMessage, Equatable {
    /// The first record of every file: where each session stood when the file was begun, so that older files can go.
    case head(SegmentHead)
    case item(FinishedItem)
    /// A voucher for more than those of the items before it.
    case voucher(Signed<Voucher>)
    /// What is left of an item when its claim is settled: enough to prove it, and nothing of request and answer.
    case proof(FinishedItem)

    init(from decoder: inout ProtobufDecoder) throws(WireError) {
        guard let field = try decoder.nextField() else { throw .missingField(number: 1) }
        switch field {
        case 1: self = .head(try decoder.message(SegmentHead.self))
        case 2: self = .item(try decoder.message(FinishedItem.self))
        case 3: self = .voucher(try decoder.message(Signed<Voucher>.self))
        case 4: self = .proof(try decoder.message(FinishedItem.self))
        default: throw decoder.unknownField()
        }
        if try decoder.nextField() != nil { throw decoder.unknownField() }
    }

    func encode(to encoder: inout ProtobufEncoder) {
        switch self {
        case .head(let head): encoder.write(head, field: 1)
        case .item(let item): encoder.write(item, field: 2)
        case .voucher(let voucher): encoder.write(voucher, field: 3)
        case .proof(let item): encoder.write(item, field: 4)
        }
    }
}

extension ItemLogRecord {
    /// Whether a file that holds it is to be kept.
    var isItem: Bool {
        switch self {
        case .item, .proof: true
        case .head, .voucher: false
        }
    }
}

/// Whose log it is, and what older files said in sum.
struct SegmentHead: CanonicalMessage, Equatable {
    var chainID: String
    var host: Address
    var balances: [SessionBalance]

    init(chainID: String, host: Address, balances: [SessionBalance]) {
        self.chainID = chainID
        self.host = host
        self.balances = balances
    }

    init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var host: Address?
        (chainID, balances) = ("", [])
        while let field = try decoder.nextField() {
            switch field {
            case 1: chainID = try decoder.text()
            case 2: host = try decoder.address()
            case 3: balances.append(try decoder.message(SessionBalance.self, repeated: true))
            default: throw decoder.unknownField()
            }
        }
        guard let host else { throw .missingField(number: 2) }
        self.host = host
    }

    func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(chainID, field: 1)
        encoder.write(host, field: 2)
        encoder.write(repeated: balances, field: 3)
    }
}

/// Where a session stands with this executor.
struct SessionBalance: CanonicalMessage, Equatable {
    var session: UInt64
    /// The last number given to an item.
    var lastNumber: UInt64
    /// The fees of all receipts ever issued.
    var owed: Amount
    /// The voucher for the most.
    var voucher: Signed<Voucher>?

    init(session: UInt64, lastNumber: UInt64, owed: Amount, voucher: Signed<Voucher>?) {
        self.session = session
        self.lastNumber = lastNumber
        self.owed = owed
        self.voucher = voucher
    }

    init(from decoder: inout ProtobufDecoder) throws(WireError) {
        (session, lastNumber, owed, voucher) = (0, 0, .zero, nil)
        while let field = try decoder.nextField() {
            switch field {
            case 1: session = try decoder.unsigned()
            case 2: lastNumber = try decoder.unsigned()
            case 3: owed = Amount(try decoder.unsigned())
            case 4: voucher = try decoder.message(Signed<Voucher>.self)
            default: throw decoder.unknownField()
            }
        }
    }

    func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(session, field: 1)
        encoder.write(lastNumber, field: 2)
        encoder.write(owed.ngonka, field: 3)
        encoder.write(voucher, field: 4)
    }
}
