import Primitives
import WireFormat

/// A request for embeddings (`POST /v1/embeddings`): hosts get each of its inputs as a request of its own.
public struct EmbeddingsRequest: Sendable {
    public let model: String
    /// At least one, none of them empty.
    public let inputs: [String]
    /// Whether vectors go out as base64 of little-endian single precision, and not as lists of numbers.
    public let isBase64: Bool
    /// The length that vectors must have; nil for the model's own.
    public let dimensions: Int?

    /// Reads the JSON and the model.
    public static func decode(
        _ body: Bytes, limits: OpenAILimits = OpenAILimits()
    ) throws(OpenAIError) -> DecodedEmbeddings {
        let (model, reader) = try DecodedChatCompletion.object(body, limits: limits)
        return DecodedEmbeddings(model: model, reader: reader)
    }

    /// What a host gets for one input.
    public func body(_ input: String) -> Bytes {
        let object: JSONValue = ["model": .string(model), "input": .string(input)]
        return object.encoded()
    }

    /// The answer.
    ///
    /// - Parameters:
    ///   - vectors: of each input, in order, as hosts give them: base64 of little-endian single precision.
    ///   - promptTokens: of all inputs together.
    ///   - gonka: the receipts, in order.
    /// - Throws: 500 for what is no vector; 400 where the request wants another length.
    public func answer(_ vectors: [String], promptTokens: UInt64, gonka: [JSONValue]) throws(OpenAIError) -> Bytes {
        var data: [JSONValue] = []
        for (index, text) in vectors.enumerated() {
            guard let bytes = Base64.decode(text), !bytes.isEmpty, bytes.count % 4 == 0 else { throw .engineFailed }
            if let dimensions, dimensions != bytes.count / 4 {
                throw .unsupported(
                    "dimensions", value: "\(dimensions)", instead: "the model's vectors have \(bytes.count / 4)")
            }
            let vector: JSONValue = isBase64 ? .string(text) : .array(try Self.numbers(bytes))
            data.append(["object": "embedding", "index": .number(UInt64(index)), "embedding": vector])
        }
        let answer: JSONValue = [
            "object": "list", "data": .array(data), "model": .string(model),
            "usage": ["prompt_tokens": .number(promptTokens), "total_tokens": .number(promptTokens)],
            "gonka": gonka.count == 1 ? gonka[0] : .array(gonka),
        ]
        return answer.encoded()
    }

    /// Little-endian single precision as JSON numbers: the shortest decimal that reads back to the same.
    private static func numbers(_ bytes: Bytes) throws(OpenAIError) -> [JSONValue] {
        var numbers: [JSONValue] = []
        numbers.reserveCapacity(bytes.count / 4)
        for start in stride(from: 0, to: bytes.count, by: 4) {
            let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * UInt32($1)) }
            let value = Float(bitPattern: bits)
            guard value.isFinite, let number = try? JSONParser.parse(Bytes(value.description.utf8)) else {
                throw .engineFailed
            }
            numbers.append(number)
        }
        return numbers
    }
}

/// A body that is JSON and names a model, and of which nothing else has been checked yet.
public struct DecodedEmbeddings: Sendable {
    public let model: String
    let reader: ParameterReader

    public func validated(limits: OpenAILimits = OpenAILimits()) throws(OpenAIError) -> EmbeddingsRequest {
        try reader.checkNames(ChatCompletionParameters.Embeddings.names)
        try reader.checkIgnored(ChatCompletionParameters.Embeddings.ignored)
        let format = try reader.string("encoding_format") ?? "float"
        guard ["float", "base64"].contains(format) else {
            throw .invalid("encoding_format", "'\(format.bounded())' is not one of float, base64")
        }
        let dimensions = try reader.integer("dimensions", in: 1...limits.dimensionsMax)
        return EmbeddingsRequest(
            model: model, inputs: try inputs(limits), isBase64: format == "base64",
            dimensions: dimensions.map { Int($0) })
    }

    private func inputs(_ limits: OpenAILimits) throws(OpenAIError) -> [String] {
        guard let value = reader.value("input") else { throw .missing("input") }
        if let text = value.string {
            guard !text.isEmpty else { throw .emptyString("input") }
            return [text]
        }
        guard let elements = value.array else {
            throw .wrongType("input", expected: "a string or an array of strings", got: value)
        }
        guard !elements.isEmpty else { throw .emptyArray("input") }
        guard elements.count <= limits.inputsMax else { throw .arrayTooLong("input", countMax: limits.inputsMax) }
        var inputs: [String] = []
        for (index, element) in elements.enumerated() {
            if element.number != nil || element.array != nil {
                throw .unsupported("input", value: "tokens", instead: "send each input as a string")
            }
            guard let text = element.string else {
                throw .wrongType("input[\(index)]", expected: "a string", got: element)
            }
            guard !text.isEmpty else { throw .emptyString("input[\(index)]") }
            inputs.append(text)
        }
        return inputs
    }
}
