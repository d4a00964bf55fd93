import Primitives
import ProtocolRules
import WireFormat

/// A round: its kind, its frozen timetable and terms, and how far it has come.
public struct RoundRecord: CanonicalMessage, Equatable {
    public var id: UInt64
    public var timetable: RoundTimetable
    public var isSettled: Bool
    /// Claims committed, and how many of them are settled.
    public var claims: UInt64
    public var settledClaims: UInt64
    /// Gross payments of the settled claims, tax included.
    public var paid: Amount
    /// Which of its kind it is, from 1.
    public var serial: UInt64
    /// The epoch in which it opened: whose auditors are drawn.
    public var epoch: UInt64
    public var terms: RoundTerms
    /// What the items of a sprint or confirmation follow from; nil in a serving round.
    public var workSeed: Hash32?
    /// The block that settled its last claim; 0 before.
    public var settledHeight: UInt64

    public init(
        id: UInt64, timetable: RoundTimetable, serial: UInt64, epoch: UInt64, terms: RoundTerms, workSeed: Hash32? = nil
    ) {
        self.id = id
        self.timetable = timetable
        self.serial = serial
        self.epoch = epoch
        self.terms = terms
        self.workSeed = workSeed
        isSettled = false
        claims = 0
        settledClaims = 0
        paid = .zero
        settledHeight = 0
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var timetable: RoundTimetable?
        var terms: RoundTerms?
        (id, isSettled, claims, settledClaims, paid) = (0, false, 0, 0, .zero)
        (serial, epoch, workSeed, settledHeight) = (0, 0, nil, 0)
        while let field = try decoder.nextField() {
            switch field {
            case 1: id = try decoder.unsigned()
            case 2: timetable = try decoder.message(RoundTimetable.self)
            case 3: isSettled = try decoder.boolean()
            case 4: claims = try decoder.unsigned()
            case 5: settledClaims = try decoder.unsigned()
            case 6: paid = Amount(try decoder.unsigned())
            case 7: serial = try decoder.unsigned()
            case 8: epoch = try decoder.unsigned()
            case 9: terms = try decoder.message(RoundTerms.self)
            case 10: workSeed = try decoder.hash()
            case 11: settledHeight = try decoder.unsigned()
            default: throw decoder.unknownField()
            }
        }
        self.timetable = try required(timetable, field: 2)
        self.terms = try required(terms, field: 9)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(id, field: 1)
        encoder.write(timetable, field: 2)
        encoder.write(isSettled, field: 3)
        encoder.write(claims, field: 4)
        encoder.write(settledClaims, field: 5)
        encoder.write(paid.ngonka, field: 6)
        encoder.write(serial, field: 7)
        encoder.write(epoch, field: 8)
        encoder.write(terms, field: 9)
        if let workSeed { encoder.write(workSeed, field: 10) }
        encoder.write(settledHeight, field: 11)
    }
}
