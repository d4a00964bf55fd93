import Cryptography
import Messages
import NIOCore
import Primitives
import ProtocolRules
import Testing
import WireFormat

@testable import Gateway

@Suite struct ReceiptCheckTests {
    private static let digest = Hash32.sha256(utf8: "request")

    private static let engagement: Engagement = {
        let host = TestHost(1)
        let promise = VoucherAccount.Promise(sequence: 3, amount: Amount(500), maximum: Amount(100))
        let voucher = Voucher(
            chainID: Fixtures.chainID, session: 9, executor: host.address, sequence: 3, height: 10,
            requestDigest: digest, amount: Amount(500))
        let terms = Engagement.Terms(
            model: Fixtures.model, prices: Fixtures.prices, isUnproven: false, choices: 1, sampling: .plain, seed: nil)
        return Engagement(
            host: host.address, url: host.url, operatorKey: host.operatorKey.publicKey, promise: promise,
            voucher: Signed(voucher, by: Fixtures.sessionKey), terms: terms)
    }()

    private static let honest: HonestAnswer = {
        do {
            let request = HostRequest(
                url: "", voucher: Base64.encode(engagement.voucher.encoded(), .urlSafe),
                body: ByteBuffer(bytes: Fixtures.body()))
            return try HonestAnswer(TestHost(1), to: request)
        } catch {
            preconditionFailure("\(error)")
        }
    }()

    private func fee(_ answer: HonestAnswer, choice: UInt32 = 0) throws(ReceiptFault) -> Amount {
        try ReceiptCheck(engagement: Self.engagement).item(
            answer.gonka, choice: choice, answer: .sha256(utf8: answer.text)
        ).fee
    }

    @Test func anHonestReceiptGivesItsFee() throws {
        #expect(try fee(Self.honest) == HonestAnswer.fee)
    }

    struct Lie: CustomTestStringConvertible, Sendable {
        let fault: ReceiptFault
        let change: @Sendable (inout Receipt) -> Void
        var testDescription: String { "\(fault)" }

        init(_ fault: ReceiptFault, _ change: @escaping @Sendable (inout Receipt) -> Void) {
            self.fault = fault
            self.change = change
        }
    }

    /// One lie each, signed by the host.
    static let lies: [Lie] = [
        Lie(.chain) { $0.chainID = "gonka-swift-other-1" },
        Lie(.executor) { $0.executor = TestHost(2).address },
        Lie(.foreignOperatorKey) { $0.operatorKey = TestHost(2).operatorKey.publicKey.compressed },
        Lie(.answer) { $0.answerDigest = .sha256(utf8: "another answer") },
        Lie(.unproven) { $0.isUnproven = true },
        Lie(.kind) { $0.item.kind = .sprint },
        Lie(.kind) { $0.item.serving = nil },
        Lie(.model) { $0.item.model = "small-model" },
        Lie(.session) { $0.item.serving?.session = 8 },
        Lie(.number) { $0.item.serving?.number = 0 },
        Lie(.sequence) { $0.item.serving?.sequence = 4 },
        Lie(.voucher) { $0.item.serving?.voucherDigest = .zero },
        Lie(.request) { $0.item.serving?.requestDigest = .zero },
        Lie(.choice) { $0.item.serving?.choice = 1 },
        Lie(.sampling) { $0.item.sampling = .greedy },
        Lie(.seed) { $0.item.seed = .zero },
        Lie(.seed) {
            $0.item.seed = ItemSeed(clientSeed: 1, promptDigest: $0.item.promptDigest, choice: 0).hash
        },
        // Such an item is not canonical.
        Lie(.undecodable) { $0.item.cachedTokens = 6 },
        Lie(.fee(Amount(10), due: Amount(9))) { $0.item.serving?.fee = Amount(10) },
        Lie(.fee(Amount(8), due: Amount(9))) { $0.item.serving?.fee = Amount(8) },
        Lie(.fee(Amount(9), due: Amount(11))) { $0.item.outputTokens = 3 },
        Lie(.fee(Amount(9), due: Amount(7))) { $0.item.cachedTokens = 5 },
        // With the fee that such an item would be due.
        Lie(.tokens) {
            $0.item.promptTokens = Limits.itemTokensMax + 1
            $0.item.serving?.fee = Amount(100)
        },
        Lie(.tokens) {
            $0.item.outputTokens = Limits.itemTokensMax + 1
            $0.item.serving?.fee = Amount(100)
        },
        Lie(.overMaximum(Amount(101), maximum: Amount(100))) { $0.item.serving?.fee = Amount(101) },
    ]

    @Test(arguments: lies) func everyLieIsFound(lie: Lie) {
        var answer = Self.honest
        answer.change = lie.change
        #expect(throws: lie.fault) { try fee(answer) }
    }

    /// The maximum binds, whatever the tokens would cost.
    @Test(arguments: [1_000, Limits.itemTokensMax]) func aFeeIsCutToTheMaximum(outputTokens: UInt64) throws {
        var answer = Self.honest
        answer.change = {
            $0.item.outputTokens = outputTokens
            $0.item.serving?.fee = Amount(100)
        }
        #expect(try fee(answer) == Amount(100))
    }

    @Test func anothersSignatureIsNone() {
        var answer = Self.honest
        answer.host = TestHost(2)
        answer.change = {
            $0.executor = TestHost(1).address
            $0.operatorKey = TestHost(1).operatorKey.publicKey.compressed
        }
        #expect(throws: ReceiptFault.signature) { try fee(answer) }
    }

    @Test func everyBitOfTheSignatureCounts() throws {
        let signed = Signed(Self.honest.receipt, by: TestHost(1).operatorKey)
        for bit in 0..<(signed.signature.count * 8) {
            var changed = signed
            changed.signature[bit / 8] ^= 1 << UInt8(bit % 8)
            let gonka: JSONValue = ["receipt": .string(Base64.encode(changed.encoded(), .urlSafe))]
            #expect(throws: ReceiptFault.signature) {
                _ = try ReceiptCheck(engagement: Self.engagement).item(
                    gonka, choice: 0, answer: .sha256(utf8: Self.honest.text))
            }
        }
    }

    @Test(
        arguments: [
            (nil, ReceiptFault.missing), (.null, .missing), (["receipt": 7], .missing),
            (["receipt": "not base64!"], .undecodable), (["receipt": "AAAA"], .undecodable),
        ] as [(JSONValue?, ReceiptFault)])
    func whatIsNoReceipt(gonka: JSONValue?, fault: ReceiptFault) {
        #expect(throws: fault) {
            _ = try ReceiptCheck(engagement: Self.engagement).item(gonka, choice: 0, answer: .zero)
        }
    }

    @Test func theRequestsOwnSeedBindsTheItem() throws {
        var engagement = Self.engagement
        engagement.terms = Engagement.Terms(
            model: Fixtures.model, prices: Fixtures.prices, isUnproven: false, choices: 1, sampling: .plain, seed: 7)
        var answer = Self.honest
        let check = ReceiptCheck(engagement: engagement)
        #expect(throws: ReceiptFault.seed) {
            _ = try check.item(answer.gonka, choice: 0, answer: .sha256(utf8: answer.text))
        }
        answer.change = { $0.item.seed = ItemSeed(clientSeed: 7, promptDigest: $0.item.promptDigest, choice: 0).hash }
        _ = try check.item(answer.gonka, choice: 0, answer: .sha256(utf8: answer.text))
    }

    @Test func choicesShareTheMaximum() {
        var engagement = Self.engagement
        engagement.terms = Engagement.Terms(
            model: Fixtures.model, prices: Fixtures.prices, isUnproven: false, choices: 3, sampling: .plain, seed: nil)
        #expect(ReceiptCheck(engagement: engagement).maximumPerChoice == Amount(33))
    }
}
