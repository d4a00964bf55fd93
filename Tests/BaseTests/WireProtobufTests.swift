import Primitives
import Testing
import WireFormat

/// Field 6 and 7 of `EveryKindMessage`, both zero: what its shortest encoding consists of.
private let required = "3220" + String(repeating: "00", count: 32) + "3a14" + String(repeating: "00", count: 20)

private func decode(_ hex: String) throws -> EveryKindMessage {
    try EveryKindMessage.decode(try #require(Hex.decode(hex)))
}

@Suite struct WireProtobufTests {
    @Test func emptyMessageHasOnlyWhatIsAlwaysThere() throws {
        let message = EveryKindMessage(address: EveryKindMessage.zeroAddress)
        #expect(Hex.encode(message.encoded()) == required)
        #expect(try decode(required) == message)
    }

    @Test func golden() throws {
        var message = EveryKindMessage(address: EveryKindMessage.zeroAddress)
        message.unsigned = 300
        message.signed = -1
        message.flag = true
        message.data = [0, 255]
        message.text = "é"
        message.inner = InnerMessage(value: 0)
        message.inners = [InnerMessage(value: 1), InnerMessage(value: 0)]
        message.datas = [[], [1]]
        message.texts = ["", "a"]
        message.packed = [0, 1, 300]
        message.small = .max
        let expected =
            "08ac02" + "10ffffffffffffffffff01" + "1801" + "220200ff" + "2a02c3a9" + required
            + "4200" + "4a020801" + "4a00" + "5200" + "520101" + "5a00" + "5a0161" + "62040001ac02" + "f87fffffffff0f"
        #expect(Hex.encode(message.encoded()) == expected)
        #expect(try decode(expected) == message)
    }

    @Test(
        arguments: [
            (0, "00"), (1, "01"), (127, "7f"), (128, "8001"), (16_383, "ff7f"), (16_384, "808001"),
            (1 << 32, "8080808010"), (UInt64.max, "ffffffffffffffffff01"),
        ] as [(UInt64, String)]) func varints(_ value: UInt64, _ hex: String) throws
    {
        #expect(Hex.encode(ProtobufEncoder.varint(value)) == hex)
        guard value > 0 else { return }
        #expect(try decode("08\(hex)\(required)").unsigned == value)
    }

    @Test(arguments: [Int64.min, -1, 1, .max]) func signed(_ value: Int64) throws {
        var message = EveryKindMessage(address: EveryKindMessage.zeroAddress)
        message.signed = value
        #expect(try EveryKindMessage.decode(message.encoded()).signed == value)
    }

    /// Each way in which bytes can fail to be canonical, by name.
    @Test(
        arguments: [
            // Cut short: in a tag, a varint, a length, a value.
            ("88", .truncated), ("08", .truncated), ("0880", .truncated), ("22", .truncated), ("2202ff", .truncated),
            ("22ffffffffffffffffff01", .truncated), ("4a0208", .truncated), ("4a0108", .truncated),
            // Longer than needed, or than 64 bits.
            ("088000", .nonMinimalVarint), ("08818000", .nonMinimalVarint), ("228100", .nonMinimalVarint),
            ("08ffffffffffffffffff02", .nonMinimalVarint), ("08ffffffffffffffffff8001", .nonMinimalVarint),
            ("888000", .nonMinimalVarint), ("62028000", .nonMinimalVarint),
            // Order.
            ("18010801", .fieldOutOfOrder(number: 1)), ("08010801", .fieldOutOfOrder(number: 1)),
            ("220101220101", .fieldOutOfOrder(number: 4)), ("42004200", .fieldOutOfOrder(number: 8)),
            ("620101620101", .fieldOutOfOrder(number: 12)),
            // Unknown.
            ("6801", .unknownField(number: 13)), ("6a00", .unknownField(number: 13)),
            ("4a021001", .unknownField(number: 2)),
            ("f8ffffff7f01", .unknownField(number: .max)),
            // Wire types: a length where a varint belongs and the other way round, fixed ones, groups, field 0.
            ("0a0101", .wrongWireType(number: 1)), ("2001", .wrongWireType(number: 4)),
            ("0900", .wrongWireType(number: 1)),
            ("0d00", .wrongWireType(number: 1)), ("0b", .wrongWireType(number: 1)), ("0c", .wrongWireType(number: 1)),
            ("0f", .wrongWireType(number: 1)), ("6001", .wrongWireType(number: 12)), ("0001", .invalidValue(number: 0)),
            ("80808080808080808001", .invalidValue(number: 0)),
            // Defaults that canonical bytes leave out.
            ("0800", .defaultValueWritten(number: 1)), ("1000", .defaultValueWritten(number: 2)),
            ("1800", .defaultValueWritten(number: 3)), ("2200", .defaultValueWritten(number: 4)),
            ("2a00", .defaultValueWritten(number: 5)), ("6200", .defaultValueWritten(number: 12)),
            ("4a020800", .defaultValueWritten(number: 1)),
            // Values out of range.
            ("1802", .invalidValue(number: 3)), ("2a01ff", .invalidValue(number: 5)),
            ("2a03eda080", .invalidValue(number: 5)),
            ("320101", .invalidValue(number: 6)), ("3a0101", .invalidValue(number: 7)),
            ("5a01ff", .invalidValue(number: 11)),
            ("f87f8080808010", .invalidValue(number: 2047)),
            // Missing.
            ("", .missingField(number: 6)), ("3220" + String(repeating: "00", count: 32), .missingField(number: 7)),
        ] as [(String, WireError)]) func refusals(_ hex: String, _ expected: WireError)
    {
        #expect(throws: expected) { try decode(hex) }
    }

    @Test func everyPrefixIsRefused() throws {
        var message = EveryKindMessage(address: EveryKindMessage.zeroAddress)
        message.unsigned = 300
        message.text = "text"
        let bytes = message.encoded()
        for length in 0..<bytes.count {
            #expect(throws: WireError.self) { try EveryKindMessage.decode(Bytes(bytes.prefix(length))) }
        }
        #expect(throws: WireError.self) { try EveryKindMessage.decode(bytes + [0]) }
    }

    @Test func unsigned32StopsAtItsRange() throws {
        #expect(try decode(required + "f87fffffffff0f").small == .max)
        #expect(throws: WireError.invalidValue(number: 2047)) { try decode(required + "f87f8080808010") }
    }
}
