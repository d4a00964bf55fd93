import Messages
import Primitives
import ProtocolRules
import WireFormat

/// One finished item of a sprint or confirmation, with what its commitment hides.
struct SprintItem: CanonicalMessage, Equatable {
    /// Its leaf, from 0.
    var index: UInt64
    var item: WorkItem
    var outputTokens: [TokenID]
    var fingerprint: Bytes
    var salt: Bytes

    init(index: UInt64, item: WorkItem, outputTokens: [TokenID], fingerprint: Bytes, salt: Bytes) {
        self.index = index
        self.item = item
        self.outputTokens = outputTokens
        self.fingerprint = fingerprint
        self.salt = salt
    }

    init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var item: WorkItem?
        (index, outputTokens, fingerprint, salt) = (0, [], [], [])
        while let field = try decoder.nextField() {
            switch field {
            case 1: index = try decoder.unsigned()
            case 2: item = try decoder.message(WorkItem.self)
            case 3: outputTokens = try decoder.tokens()
            case 4: fingerprint = try decoder.data()
            case 5: salt = try decoder.data()
            default: throw decoder.unknownField()
            }
        }
        guard let item else { throw .missingField(number: 2) }
        self.item = item
    }

    func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(index, field: 1)
        encoder.write(item, field: 2)
        encoder.write(packed: outputTokens.map(UInt64.init), field: 3)
        encoder.write(fingerprint, field: 4)
        encoder.write(salt, field: 5)
    }

    var leaf: SumTreeNode { item.leaf }
}
