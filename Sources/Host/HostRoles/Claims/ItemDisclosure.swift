import Messages
import Primitives
import ProtocolRules
import WireFormat

/// What shows that an item was claimed as its receipt says, and what its fingerprint was.
public struct ItemDisclosure: Sendable {
    /// The round of the claim, which may be a later one than the item's own.
    public let round: UInt64
    /// The claim for the item's model.
    public let entry: ClaimEntry
    public let item: FinishedItem
    public let proof: SumTreeProof

    /// The answer of `/v1/items/{session}/{number}`. Hashes, fingerprint and salt are hexadecimal; `proof` and `item` are
    /// base64url of canonical bytes.
    public var json: JSONValue {
        [
            "session": .number(item.serving?.session ?? 0),
            "number": .number(item.serving?.number ?? 0),
            "round": .number(round),
            "model": .string(entry.model),
            "root": .string(entry.root.description),
            "count": .number(entry.count),
            "fee": .number(entry.fee.ngonka),
            "tokens": .number(entry.tokens),
            "index": .number(proof.index),
            "proof": .string(Base64.encode(proof.encoded(), .urlSafe)),
            "fingerprint": .string(Hex.encode(item.answer.fingerprint)),
            "salt": .string(Hex.encode(item.answer.salt)),
            "item": .string(Base64.encode(item.item.encoded(), .urlSafe)),
        ]
    }
}
