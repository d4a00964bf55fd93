import Messages
import Primitives
import WireFormat

/// The answer's field `gonka`: the receipt for programs, and what a person would ask first.
public enum ReceiptField {
    /// `receipt` is base64url of the signed receipt's canonical bytes; the token ids are what the receipt's digests are of;
    /// `items_url` answers with the rest of the proof once the round's open window is over.
    public static func json(_ item: FinishedItem, hostURL: String) -> JSONValue {
        let serving = item.serving
        let place = "\(serving?.session ?? 0)/\(serving?.number ?? 0)"
        return [
            "receipt": .string(Base64.encode(item.receipt.encoded(), .urlSafe)),
            "prompt_token_ids": .array(item.answer.promptTokens.map { .number(UInt64($0)) }),
            "output_token_ids": .array(item.answer.outputTokens.map { .number(UInt64($0)) }),
            "items_url": .string("\(hostURL)/v1/items/\(place)"),
            "session": .number(serving?.session ?? 0),
            "number": .number(serving?.number ?? 0),
            "round": .number(item.round),
            "fee": .number(item.item.fee.ngonka),
        ]
    }
}
