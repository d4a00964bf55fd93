import Messages
import Primitives
import ProtocolRules
import WireFormat

/// One finished item with everything that was promised about it: what answers a repeated request, what proves the item, and
/// what auditors ask for.
public struct FinishedItem: CanonicalMessage, Equatable {
    public var receipt: Signed<Receipt>
    public var voucher: Signed<Voucher>
    /// The request as it was received.
    public var body: Bytes
    public var answer: Answer

    public var item: WorkItem { receipt.statement.item }
    public var round: UInt64 { receipt.statement.round }

    /// The item's place, which every served item has.
    public var serving: WorkItem.Serving? { item.serving }

    /// The same without request, tokens and text: what proves the item to whoever has its receipt.
    var proofOnly: FinishedItem {
        var item = self
        item.body = []
        (item.answer.text, item.answer.promptTokens, item.answer.outputTokens) = ("", [], [])
        item.answer.extra = []
        return item
    }

    /// What the model said, and what keeps the executor to it.
    public struct Answer: CanonicalMessage, Equatable {
        /// The completion's id, the same whenever the answer is given again.
        public var id: String
        /// Seconds since 1970-01-01 UTC.
        public var created: UInt64
        public var text: String
        public var promptTokens: [TokenID]
        public var outputTokens: [TokenID]
        public var fingerprint: Bytes
        public var salt: Bytes
        /// What goes out beside the text, to be given again with it: the JSON array of `logprobs.content`; empty for none.
        public var extra: Bytes

        public init(
            id: String, created: UInt64, text: String, promptTokens: [TokenID], outputTokens: [TokenID],
            fingerprint: Bytes, salt: Bytes, extra: Bytes = []
        ) {
            self.extra = extra
            self.id = id
            self.created = created
            self.text = text
            self.promptTokens = promptTokens
            self.outputTokens = outputTokens
            self.fingerprint = fingerprint
            self.salt = salt
        }

        public init(from decoder: inout ProtobufDecoder) throws(WireError) {
            (id, created, text, promptTokens, outputTokens, fingerprint, salt) = ("", 0, "", [], [], [], [])
            extra = []
            while let field = try decoder.nextField() {
                switch field {
                case 1: id = try decoder.text()
                case 2: created = try decoder.unsigned()
                case 3: text = try decoder.text()
                case 4: promptTokens = try decoder.tokens()
                case 5: outputTokens = try decoder.tokens()
                case 6: fingerprint = try decoder.data()
                case 7: salt = try decoder.data()
                case 8: extra = try decoder.data()
                default: throw decoder.unknownField()
                }
            }
        }

        public func encode(to encoder: inout ProtobufEncoder) {
            encoder.write(id, field: 1)
            encoder.write(created, field: 2)
            encoder.write(text, field: 3)
            encoder.write(packed: promptTokens.map(UInt64.init), field: 4)
            encoder.write(packed: outputTokens.map(UInt64.init), field: 5)
            encoder.write(fingerprint, field: 6)
            encoder.write(salt, field: 7)
            encoder.write(extra, field: 8)
        }
    }

    public init(receipt: Signed<Receipt>, voucher: Signed<Voucher>, body: Bytes, answer: Answer) {
        self.receipt = receipt
        self.voucher = voucher
        self.body = body
        self.answer = answer
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var receipt: Signed<Receipt>?
        var voucher: Signed<Voucher>?
        var answer: Answer?
        body = []
        while let field = try decoder.nextField() {
            switch field {
            case 1: receipt = try decoder.message(Signed<Receipt>.self)
            case 2: voucher = try decoder.message(Signed<Voucher>.self)
            case 3: body = try decoder.data()
            case 4: answer = try decoder.message(Answer.self)
            default: throw decoder.unknownField()
            }
        }
        guard let receipt else { throw .missingField(number: 1) }
        guard let voucher else { throw .missingField(number: 2) }
        guard let answer else { throw .missingField(number: 4) }
        (self.receipt, self.voucher, self.answer) = (receipt, voucher, answer)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(receipt, field: 1)
        encoder.write(voucher, field: 2)
        encoder.write(body, field: 3)
        encoder.write(answer, field: 4)
    }
}

extension ProtobufDecoder {
    /// Token ids, packed.
    mutating func tokens() throws(WireError) -> [TokenID] {
        var tokens: [TokenID] = []
        for value in try packed() {
            guard let token = TokenID(exactly: value) else { throw invalidValue() }
            tokens.append(token)
        }
        return tokens
    }
}
