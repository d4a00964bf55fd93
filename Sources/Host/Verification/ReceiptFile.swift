import Cryptography
import Messages
import Primitives
import ProtocolRules
import WireFormat

/// `receipt.json`: everything that it takes to check one answer. What a client keeps of an answer's `gonka` field, with the
/// request and the answer's text beside it, and later the opened item.
public struct ReceiptFile: Sendable {
    /// The largest file that is read, in bytes.
    public static let bytesMax = 16 << 20

    public var receipt: Signed<Receipt>
    public var promptTokens: [TokenID]
    public var outputTokens: [TokenID]
    /// The request's body, byte for byte; nil where the client did not keep it.
    public var request: Bytes?
    /// The answer's text; nil where the client did not keep it.
    public var answer: String?
    /// Where the opened item can be asked for.
    public var itemsURL: String?
    /// Nil until the round's open window is over.
    public var item: OpenedItem?

    public init(
        receipt: Signed<Receipt>, promptTokens: [TokenID], outputTokens: [TokenID], request: Bytes?, answer: String?,
        itemsURL: String?, item: OpenedItem?
    ) {
        self.receipt = receipt
        self.promptTokens = promptTokens
        self.outputTokens = outputTokens
        self.request = request
        self.answer = answer
        self.itemsURL = itemsURL
        self.item = item
    }

    /// The receipt out of an answer's `gonka` field.
    public init(gonka: JSONValue, request: Bytes?, answer: String?) throws(ReceiptFileError) {
        receipt = try Self.receipt(gonka)
        promptTokens = try Self.tokens("prompt_token_ids", gonka)
        outputTokens = try Self.tokens("output_token_ids", gonka)
        itemsURL = gonka["items_url"]?.string
        self.request = request
        self.answer = answer
        item = nil
    }

    /// Reads a file.
    public init(_ bytes: Bytes) throws(ReceiptFileError) {
        var limits = JSONLimits()
        limits.bytesMax = Self.bytesMax
        let value: JSONValue
        do { value = try JSONParser.parse(bytes, limits: limits) } catch { throw .notJSON("\(error)") }
        try self.init(
            gonka: value, request: value["request"]?.string.flatMap { Base64.decode($0) },
            answer: value["answer"]?.string)
        if let opened = value["item"], !opened.isNull { item = try OpenedItem(opened) }
    }

    /// The file's text.
    public var json: JSONValue {
        var object = JSONObject()
        object.append("receipt", .string(Base64.encode(receipt.encoded(), .urlSafe)))
        object.append("prompt_token_ids", .array(promptTokens.map { .number(UInt64($0)) }))
        object.append("output_token_ids", .array(outputTokens.map { .number(UInt64($0)) }))
        if let request { object.append("request", .string(Base64.encode(request))) }
        if let answer { object.append("answer", .string(answer)) }
        if let itemsURL { object.append("items_url", .string(itemsURL)) }
        if let item { object.append("item", item.json) }
        return .object(object)
    }

    private static func receipt(_ value: JSONValue) throws(ReceiptFileError) -> Signed<Receipt> {
        guard let bytes = value["receipt"]?.string.flatMap({ Base64.decode($0, .urlSafe) }) else {
            throw .missing("receipt")
        }
        do { return try Signed<Receipt>.decode(bytes) } catch { throw .notCanonical("\(error)") }
    }

    private static func tokens(_ name: String, _ value: JSONValue) throws(ReceiptFileError) -> [TokenID] {
        guard let array = value[name]?.array else { throw .missing(name) }
        let tokens = array.compactMap { $0.number?.uint64.flatMap { TokenID(exactly: $0) } }
        guard tokens.count == array.count else { throw .missing(name) }
        return tokens
    }
}

/// Why a file is not a receipt.
public enum ReceiptFileError: Error, Equatable, Sendable, CustomStringConvertible {
    case notJSON(String)
    case missing(String)
    case notCanonical(String)

    public var description: String {
        switch self {
        case .notJSON(let reason): "the receipt is not JSON: \(reason)"
        case .missing(let name): "the receipt has no usable \(name)"
        case .notCanonical(let reason): "the receipt is not canonical protobuf: \(reason)"
        }
    }
}

/// What `/v1/items/{session}/{number}` gives once the round's open window is over.
public struct OpenedItem: Sendable {
    public var round: UInt64
    public var claim: SumTreeClaim
    public var proof: SumTreeProof
    public var fingerprint: Fingerprint
    /// 16 bytes.
    public var salt: Bytes

    public init(_ value: JSONValue) throws(ReceiptFileError) {
        guard let round = value["round"]?.number?.uint64, let count = value["count"]?.number?.uint64,
            let tokens = value["tokens"]?.number?.uint64,
            let fee = value["fee"]?.number?.uint64,
            let root = value["root"]?.string.flatMap({ Hex.decode($0) }).flatMap({ Hash32($0) }),
            let proof = value["proof"]?.string.flatMap({ Base64.decode($0, .urlSafe) }),
            let fingerprint = value["fingerprint"]?.string.flatMap({ Hex.decode($0) }).flatMap({
                Fingerprint(bytes: $0)
            }),
            let salt = value["salt"]?.string.flatMap({ Hex.decode($0) })
        else { throw .missing("item") }
        self.round = round
        claim = SumTreeClaim(root: root, count: count, sums: ItemSums(fee: Amount(fee), tokens: tokens))
        do { self.proof = try SumTreeProof.decode(proof) } catch { throw .notCanonical("item.proof: \(error)") }
        self.fingerprint = fingerprint
        self.salt = salt
    }

    public var json: JSONValue {
        [
            "round": .number(round), "root": .string(Hex.encode(claim.root.bytes)), "count": .number(claim.count),
            "fee": .number(claim.sums.fee.ngonka), "tokens": .number(claim.sums.tokens),
            "proof": .string(Base64.encode(proof.encoded(), .urlSafe)),
            "fingerprint": .string(Hex.encode(fingerprint.bytes)), "salt": .string(Hex.encode(salt)),
        ]
    }
}
