import Cryptography
import Messages
import OpenAIWire
import Primitives
import ProtocolRules
import TestSupport
import Testing

@testable import HostRoles

@Suite("Checking vouchers against the ledger's records")
struct VoucherCheckTests {
    static let payer = TestAccount("payer")
    static let stranger = TestAccount("stranger")
    static let host = TestAccount("host").address
    static let body = Hash32.sha256(utf8: "body")
    static let (height, ageMax, allotment) = (UInt64(100), UInt64(15), Amount(1_000))

    static var session: SessionRecord {
        var session = SessionRecord(
            id: 7,
            request: MsgOpenSession(
                payer: payer.address, model: "m", deposit: Amount(3_000), sessionKey: payer.key.publicKey.compressed),
            groupSize: 3, openedHeight: 1, expiryHeight: 1_000,
            prices: TokenPrices(input: 1, cachedInput: 1, output: 1), servingTaxPartsPerMillion: 20_000)
        session.state = .open
        return session
    }

    static var voucher: Voucher {
        Voucher(
            chainID: "gonka-swift-test-1", session: 7, executor: host, sequence: 1, height: height, requestDigest: body,
            amount: allotment)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var voucher = VoucherCheckTests.voucher
        var session = VoucherCheckTests.session
        var signer = VoucherCheckTests.payer
        var signature: @Sendable (Bytes) -> Bytes = { $0 }
        let refusal: OpenAIErrorCode?

        init(_ name: String, _ refusal: OpenAIErrorCode?, _ change: (inout Case) -> Void = { _ in }) {
            (testDescription, self.refusal) = (name, refusal)
            change(&self)
        }
    }

    static let cases: [Case] = [
        Case("good", nil),
        Case("of another chain", .voucherInvalid) { $0.voucher.chainID = "gonka-swift-test-2" },
        Case("for another executor", .voucherInvalid) { $0.voucher.executor = stranger.address },
        Case("of another session", .sessionNotFound) { $0.voucher.session = 8 },
        Case("with sequence 0", .voucherInvalid) { $0.voucher.sequence = 0 },
        Case("signed by somebody else", .voucherSignatureInvalid) { $0.signer = stranger },
        Case("not signed", .voucherSignatureInvalid) { $0.signature = { _ in [] } },
        Case("with one bit of the signature changed", .voucherSignatureInvalid) {
            $0.signature = { [$0[0] ^ 1] + $0.dropFirst() }
        },
        Case("for another body", .voucherDigestMismatch) { $0.voucher.requestDigest = .zero },
        Case("just young enough", nil) { $0.voucher.height = height - ageMax },
        Case("too old", .voucherTooOld) { $0.voucher.height = height - ageMax - 1 },
        Case("of genesis", .voucherTooOld) { $0.voucher.height = 0 },
        Case("a round ahead", nil) { $0.voucher.height = height + ageMax },
        Case("further ahead", .voucherInvalid) { $0.voucher.height = height + ageMax + 1 },
        Case("of the last height there is", .voucherInvalid) { $0.voucher.height = .max },
        Case("over the allotment", .allotmentExceeded) { $0.voucher.amount = Amount(1_001) },
        Case("of everything", .allotmentExceeded) { $0.voucher.amount = Amount(.max) },
        Case("of nothing", nil) { $0.voucher.amount = .zero },
        Case("for a session that is being drawn", .sessionClosed) { $0.session.state = .drawing },
        Case("for a closing session", .sessionClosed) { $0.session.state = .closing },
        Case("for a closed session", .sessionClosed) { $0.session.state = .closed },
    ]

    @Test("Each fault has its own error", arguments: cases)
    func verdicts(_ example: Case) {
        let check = VoucherCheck(
            chainID: "gonka-swift-test-1", executor: Self.host, height: Self.height, ageMax: Self.ageMax,
            session: example.session, member: MemberRecord(host: Self.host, allotment: Self.allotment))
        var signed = Signed(example.voucher, by: example.signer.key)
        signed.signature = example.signature(signed.signature)
        var refusal: OpenAIErrorCode?
        do throws(OpenAIError) {
            try check.checkOrigin(signed, requestDigest: Self.body)
            try check.checkTerms(signed.statement)
        } catch {
            refusal = error.code
        }
        #expect(refusal == example.refusal)
    }

    @Test("A header is read strictly")
    func header() throws {
        let signed = Signed(Self.voucher, by: Self.payer.key)
        let text = VoucherHeader.text(signed)
        #expect(try VoucherHeader.parse(text) == signed)
        for broken in ["", "=", text + "=", text + "A", String(text.dropLast()), text + text, "%" + text.dropFirst()] {
            #expect { try VoucherHeader.parse(broken) } throws: { ($0 as? OpenAIError)?.code == .voucherInvalid }
        }
        #expect { try VoucherHeader.parse(nil) } throws: { ($0 as? OpenAIError)?.code == .voucherRequired }
        let long = String(repeating: "A", count: 1 << 20)
        #expect { try VoucherHeader.parse(long) } throws: { ($0 as? OpenAIError)?.code == .voucherInvalid }
    }
}
