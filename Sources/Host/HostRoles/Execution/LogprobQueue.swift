import EngineAPI
import OpenAIWire
import Primitives
import ProtocolRules
import WireFormat

/// The log-probabilities of an answer's tokens, held until their text goes out: a token of a stop text is not in the answer,
/// and not in its list.
struct LogprobQueue: Sendable {
    /// Where each token's text ends, in bytes of the text, with its entry.
    private var waiting: [(end: Int, entry: JSONValue)] = []
    private var taken = 0
    private var released = 0
    /// The JSON array of all that went out, to be given again; empty where that is more than a record should hold.
    var all: Bytes { isTooMuch ? [] : [UInt8(ascii: "[")] + encoded + [UInt8(ascii: "]")] }
    private var encoded = Bytes()
    private var isTooMuch = false
    private let bytes: @Sendable (TokenID) -> Bytes

    init(_ engine: any Engine) { bytes = { engine.bytes(of: $0) } }

    mutating func add(_ token: GeneratedToken) {
        taken += token.text.utf8.count
        // An end token has no text, and is not listed.
        guard token.end != .endToken else { return }
        let entry = TokenLogprob(
            bytes: bytes(token.token), millionths: Self.millionths(token.logProbabilities.taken),
            top: token.top.map {
                TokenLogprob.Alternative(bytes: bytes($0.token), millionths: Self.millionths($0.logProbability))
            })
        waiting.append((taken, entry.json))
    }

    /// The entries of the tokens whose text is out when so many bytes more are.
    mutating func release(_ byteCount: Int) -> [JSONValue] {
        released += byteCount
        let count = waiting.prefix { $0.end <= released }.count
        let entries = waiting.prefix(count).map(\.entry)
        waiting.removeFirst(count)
        keep(entries)
        return entries
    }

    private mutating func keep(_ entries: [JSONValue]) {
        guard !isTooMuch else { return }
        for entry in entries {
            if !encoded.isEmpty { encoded.append(UInt8(ascii: ",")) }
            encoded += entry.encoded()
        }
        guard encoded.count > Limits.logprobsKeptMax else { return }
        (encoded, isTooMuch) = ([], true)
    }

    private static func millionths(_ nats: Double) -> Int64 {
        nats.isFinite
            ? Int64(max(Double(TokenLogprob.excluded), min(0, (nats * 1e6).rounded()))) : TokenLogprob.excluded
    }
}
