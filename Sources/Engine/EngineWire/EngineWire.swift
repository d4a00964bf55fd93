import EngineAPI
import Foundation
import Primitives

/// An engine over HTTP/1.1: what an ML node serves and a host asks for, in JSON (docs/mlnode.md).
///
/// | method and path | body | answer |
/// | --- | --- | --- |
/// | `GET /v1/capabilities` | – | `CapabilitiesBody` |
/// | `GET /v1/vocabulary` | – | `VocabularyBody` |
/// | `POST /v1/render` | `RenderBody` | `RenderedBody` |
/// | `POST /v1/tokenize` | `TokenizeBody` | `RenderedBody` |
/// | `POST /v1/generate` | `GenerateBody` | events of `TokenBody`, in order |
/// | `POST /v1/score` | `ScoreBody` | events of `PositionBody`, one for each output token, in order |
/// | `POST /v1/embed` | `EmbedBody` | events of `EmbeddingBody`, parts of one vector in order |
///
/// A node with several models lists them in its capabilities; then bodies, and `vocabulary?model=ID`, may say which one they mean.
///
/// Events are server-sent; the last is `[DONE]`, or `{"error": …}` (`EngineErrorBody`), and comments between them show that the
/// node lives. Each request carries `Authorization: Bearer TOKEN`. Floating-point numbers are written so that reading gives the
/// same bits; null stands for −∞.
public enum EngineWire {
    /// Of this interface; a node that says another one is not used.
    public static let version = 2

    /// Below `/v1/`.
    public enum Path {
        public static let capabilities = "capabilities"
        public static let vocabulary = "vocabulary"
        public static let render = "render"
        public static let tokenize = "tokenize"
        public static let generate = "generate"
        public static let score = "score"
        public static let embed = "embed"
    }

    /// Where the vocabulary of `model` is asked for; of the node's first for nil.
    ///
    /// - Throws: `.unsupported` for an id that no ledger has.
    public static func vocabularyPath(of model: String?) throws(EngineError) -> String {
        guard let model else { return Path.vocabulary }
        guard let id = model.addingPercentEncoding(withAllowedCharacters: .alphanumerics) else {
            throw .unsupported(field: "model")
        }
        return Path.vocabulary + "?model=" + id
    }

    /// How long a node may be silent in the middle of an answer: it writes something at least three times as often.
    public static let silenceSecondsMax = 15

    /// The longest event, in bytes: an output position's 256 candidates take about 5 kB.
    public static let eventBytesMax = 64 << 10
    /// The longest vocabulary: about 2²⁰ tokens, the size of the longest body that is answered in one piece.
    public static let bodyBytesMax = 32 << 20

    /// - Throws: `EncodingError`, for nothing that the bodies of this target can hold.
    public static func encode(_ body: some Encodable) throws -> Bytes {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Bytes(try encoder.encode(body))
    }

    /// - Throws: `DecodingError`, or the body's own complaint.
    public static func decode<Body: Decodable>(_ body: Body.Type, from bytes: Bytes) throws -> Body {
        try JSONDecoder().decode(body, from: Data(bytes))
    }
}
