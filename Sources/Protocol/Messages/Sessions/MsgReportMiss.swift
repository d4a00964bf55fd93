import Cryptography
import Primitives
import WireFormat

/// `/gonka.v1.MsgReportMiss`: a request that its executor left unanswered, as two witnesses saw it. Anybody may send it; the
/// statements speak for themselves.
public struct MsgReportMiss: LedgerMessage, Equatable {
    public static let typeURL = "/gonka.v1.MsgReportMiss"

    public var reporter: Address
    /// The serving round in whose work window the voucher's height lies.
    public var round: UInt64
    /// What was sent with the request.
    public var voucher: Signed<Voucher>
    /// Two, by the witnesses in the order of their draw.
    public var statements: [Signed<MissStatement>]

    public var signer: Address { reporter }

    public init(
        reporter: Address, round: UInt64, voucher: Signed<Voucher>, statements: [Signed<MissStatement>]
    ) {
        self.reporter = reporter
        self.round = round
        self.voucher = voucher
        self.statements = statements
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var reporter: Address?
        var voucher: Signed<Voucher>?
        (round, statements) = (0, [])
        while let field = try decoder.nextField() {
            switch field {
            case 1: reporter = try decoder.account()
            case 2: round = try decoder.unsigned()
            case 3: voucher = try decoder.message(Signed<Voucher>.self)
            case 4: statements.append(try decoder.message(Signed<MissStatement>.self, repeated: true))
            default: throw decoder.unknownField()
            }
        }
        self.reporter = try required(reporter, field: 1)
        self.voucher = try required(voucher, field: 3)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(reporter.bech32, field: 1)
        encoder.write(round, field: 2)
        encoder.write(voucher, field: 3)
        encoder.write(repeated: statements, field: 4)
    }
}
