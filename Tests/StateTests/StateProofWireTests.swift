import Primitives
import StateStore
import Testing
import WireFormat

/// Other operations than those of the `TendermintSpec`, and kinds of proof that ICS-23 has and this ledger has not: each differs
/// from a proof that is accepted in one place.
///
/// Bytes are hexadecimal; H stands for the 32 bytes of a hash.
@Suite struct StateProofWireTests {
    struct Form: Sendable {
        let text: String
        let error: WireError

        init(_ text: String, _ error: WireError) {
            self.text = text
            self.error = error
        }
    }

    private static let hash = String(repeating: "07", count: 32)
    private static let keyAndValue = "0a0161 120162"
    private static let operation = "1a09 0801 1801 2001 2a0100"
    private static let rightSibling = "0801 120101 1a20H"
    private static let leftSibling = "0801 122101H"

    private static func bytes(_ text: String) throws -> Bytes {
        try #require(Hex.decode(text.filter { $0 != " " }.replacing("H", with: hash)), "\(text)")
    }

    private static func message(_ tag: UInt8, _ body: Bytes) -> Bytes {
        [tag] + ProtobufEncoder.varint(UInt64(body.count)) + body
    }

    private static func proof(_ operation: String, _ steps: String...) throws -> Bytes {
        var leaf = try bytes(keyAndValue) + bytes(operation)
        for step in steps { leaf += message(0x22, try bytes(step)) }
        return message(0x0a, leaf)
    }

    @Test func operationsOfTheSpecificationAreAccepted() throws {
        let bytes = try Self.proof(Self.operation, Self.rightSibling, Self.leftSibling)
        let hash = try #require(Hash32(Self.bytes("H")))
        let path = [false, true].map { LeafProof.Sibling(isLeft: $0, hash: hash) }
        #expect(try StateProof.decode(bytes) == .existence(LeafProof(key: [0x61], value: [0x62], path: path)))
    }

    @Test(arguments: [
        Form("", .missingField(number: 3)),
        Form("1a00", .missingField(number: 1)),
        Form("1a07 1801 2001 2a0100", .missingField(number: 1)),
        Form("1a07 0801 2001 2a0100", .missingField(number: 3)),
        Form("1a07 0801 1801 2a0100", .missingField(number: 4)),
        Form("1a06 0801 1801 2001", .missingField(number: 5)),
        Form("1a09 0802 1801 2001 2a0100", .invalidValue(number: 1)),
        Form("1a09 0801 1802 2001 2a0100", .invalidValue(number: 3)),
        Form("1a09 0801 1801 2002 2a0100", .invalidValue(number: 4)),
        Form("1a09 0801 1801 2001 2a0101", .invalidValue(number: 5)),
        Form("1a0a 0801 1801 2001 2a020000", .invalidValue(number: 5)),
        Form("1a08 0801 1801 2001 2a00", .defaultValueWritten(number: 5)),
        Form("1a0b 0801 1000 1801 2001 2a0100", .unknownField(number: 2)),
        Form("1a0b 0801 1001 1801 2001 2a0100", .unknownField(number: 2)),
        Form("1a0b 0801 1801 2001 2a0100 3001", .unknownField(number: 6)),
    ])
    func otherLeafOperationsAreRefused(form: Form) throws {
        let bytes = try Self.proof(form.text, Self.rightSibling)
        #expect(throws: form.error) { try StateProof.decode(bytes) }
    }

    @Test(arguments: [
        Form("", .missingField(number: 1)),
        Form("120101 1a20H", .missingField(number: 1)),
        Form("0801 1a20H", .missingField(number: 2)),
        Form("0801 120101", .missingField(number: 3)),
        Form("0802 120101 1a20H", .invalidValue(number: 1)),
        Form("0801 120100 1a20H", .invalidValue(number: 2)),
        Form("0801 12020101 1a20H", .invalidValue(number: 2)),
        Form("0801 122100H", .invalidValue(number: 2)),
        Form("0801 1220H", .invalidValue(number: 2)),
        Form("0801 122201H07", .invalidValue(number: 2)),
        Form("0801 122101H 1a20H", .invalidValue(number: 3)),
        Form("0801 122101H 1a00", .invalidValue(number: 3)),
        Form("0801 120101 1a21H07", .invalidValue(number: 3)),
        Form("0801 120101 1a40HH", .invalidValue(number: 3)),
        Form("0801 120101 1a20H 2001", .unknownField(number: 4)),
    ])
    func otherInnerOperationsAreRefused(form: Form) throws {
        let bytes = try Self.proof(Self.operation, form.text)
        #expect(throws: form.error) { try StateProof.decode(bytes) }
    }

    /// ICS-23's batches are field 3, compressed proofs 4, exclusion proofs 5.
    @Test(arguments: UInt8(3)...5)
    func otherKindsOfProofAreRefused(number: UInt8) throws {
        let whole = try Self.proof(Self.operation, Self.rightSibling)
        let error = WireError.unknownField(number: UInt32(number))
        #expect(throws: error) { try StateProof.decode([number << 3 | 2] + whole.dropFirst()) }
        #expect(throws: error) { try StateProof.decode(whole + [number << 3 | 2, 0]) }
    }

    @Test func noProofAndTwoProofsAreRefused() throws {
        let whole = try Self.proof(Self.operation, Self.rightSibling)
        #expect(throws: WireError.missingField(number: 1)) { try StateProof.decode([]) }
        #expect(throws: WireError.unknownField(number: 1)) { try StateProof.decode(whole + whole) }
        #expect(throws: WireError.unknownField(number: 2)) { try StateProof.decode(whole + [0x12, 0]) }
        #expect(throws: WireError.unknownField(number: 4)) { try StateProof.decode(Self.bytes("1205 0a0161 2200")) }
    }

    @Test func absenceOfALongKeyIsRefused() throws {
        let key = Bytes(repeating: 1, count: StateLimits.keyBytesMax)
        let atTheLimit = StateProof.absence(AbsenceProof(key: key, left: nil, right: nil))
        #expect(try StateProof.decode(atTheLimit.encoded()) == atTheLimit)
        let beyond = StateProof.absence(AbsenceProof(key: key + [1], left: nil, right: nil))
        #expect(throws: WireError.invalidValue(number: 1)) { try StateProof.decode(beyond.encoded()) }
        #expect(throws: StateProofError.tooLarge) { _ = try beyond.verify(root: .zero, key: key + [1]) }
    }
}
