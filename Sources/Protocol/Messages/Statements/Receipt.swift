import Cryptography
import Primitives
import WireFormat

/// An executor's signed word for one finished item: what it is, where it lies, and which answer it stands for.
public struct Receipt: CanonicalMessage, Equatable {
    public var chainID: String
    public var executor: Address
    /// The operator key in force when it was signed, 33 bytes.
    public var operatorKey: Bytes
    /// The round in whose work window the last token was made.
    public var round: UInt64
    public var item: WorkItem
    /// Of the answer (`AnswerDigest`): SHA-256 of its text, UTF-8, where it calls nothing.
    public var answerDigest: Hash32
    /// True where the session was opened `unproven`: the tokens are no evidence of the model.
    public var isUnproven: Bool

    public init(
        chainID: String, executor: Address, operatorKey: Bytes, round: UInt64, item: WorkItem, answerDigest: Hash32,
        isUnproven: Bool
    ) {
        self.chainID = chainID
        self.executor = executor
        self.operatorKey = operatorKey
        self.round = round
        self.item = item
        self.answerDigest = answerDigest
        self.isUnproven = isUnproven
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var executor: Address?
        var item: WorkItem?
        var answer: Hash32?
        (chainID, operatorKey, round, isUnproven) = ("", [], 0, false)
        while let field = try decoder.nextField() {
            switch field {
            case 1: chainID = try decoder.identifier()
            case 2: executor = try decoder.address()
            case 3: operatorKey = try decoder.data()
            case 4: round = try decoder.unsigned()
            case 5: item = try decoder.message(WorkItem.self)
            case 6: answer = try decoder.hash()
            case 7: isUnproven = try decoder.boolean()
            default: throw decoder.unknownField()
            }
        }
        self.executor = try required(executor, field: 2)
        self.item = try required(item, field: 5)
        answerDigest = try required(answer, field: 6)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(chainID, field: 1)
        encoder.write(executor, field: 2)
        encoder.write(operatorKey, field: 3)
        encoder.write(round, field: 4)
        encoder.write(item, field: 5)
        encoder.write(answerDigest, field: 6)
        encoder.write(isUnproven, field: 7)
    }
}
