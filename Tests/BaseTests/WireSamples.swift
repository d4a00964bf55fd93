import Primitives
import WireFormat

/// A message with a field of every kind that the encoder writes.
struct EveryKindMessage: CanonicalMessage, Equatable {
    var unsigned: UInt64 = 0
    var signed: Int64 = 0
    var flag = false
    var data: Bytes = []
    var text = ""
    var hash = Hash32.zero
    var address: Address
    var inner: InnerMessage?
    var inners: [InnerMessage] = []
    var datas: [Bytes] = []
    var texts: [String] = []
    var packed: [UInt64] = []
    var small: UInt32 = 0

    init(address: Address) { self.address = address }

    init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var hash: Hash32?
        var address: Address?
        self.init(address: EveryKindMessage.zeroAddress)
        while let field = try decoder.nextField() {
            switch field {
            case 1: unsigned = try decoder.unsigned()
            case 2: signed = try decoder.signed()
            case 3: flag = try decoder.boolean()
            case 4: data = try decoder.data()
            case 5: text = try decoder.text()
            case 6: hash = try decoder.hash()
            case 7: address = try decoder.address()
            case 8: inner = try decoder.message(InnerMessage.self)
            case 9: inners.append(try decoder.message(InnerMessage.self, repeated: true))
            case 10: datas.append(try decoder.data(repeated: true))
            case 11: texts.append(try decoder.text(repeated: true))
            case 12: packed = try decoder.packed()
            case 2047: small = try decoder.unsigned32()
            default: throw decoder.unknownField()
            }
        }
        guard let hash else { throw .missingField(number: 6) }
        guard let address else { throw .missingField(number: 7) }
        (self.hash, self.address) = (hash, address)
    }

    func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(unsigned, field: 1)
        encoder.write(signed: signed, field: 2)
        encoder.write(flag, field: 3)
        encoder.write(data, field: 4)
        encoder.write(text, field: 5)
        encoder.write(hash, field: 6)
        encoder.write(address, field: 7)
        encoder.write(inner, field: 8)
        encoder.write(repeated: inners, field: 9)
        encoder.write(repeated: datas, field: 10)
        encoder.write(repeated: texts, field: 11)
        encoder.write(packed: packed, field: 12)
        encoder.write(UInt64(small), field: 2047)
    }

    /// Twenty zero bytes.
    static let zeroAddress: Address = {
        guard let address = Address(Bytes(repeating: 0, count: Address.length)) else { preconditionFailure("20 bytes") }
        return address
    }()
}

/// A message that may be empty.
struct InnerMessage: CanonicalMessage, Equatable {
    var value: UInt64 = 0

    init(value: UInt64) { self.value = value }

    init(from decoder: inout ProtobufDecoder) throws(WireError) {
        while let field = try decoder.nextField() {
            guard field == 1 else { throw decoder.unknownField() }
            value = try decoder.unsigned()
        }
    }

    func encode(to encoder: inout ProtobufEncoder) { encoder.write(value, field: 1) }
}
