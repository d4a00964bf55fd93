import WireFormat

// What can be wrong with a body. The sentences follow OpenAI's own, as people search for them.
extension OpenAIError {
    static func invalidJSON(_ error: JSONError) -> OpenAIError {
        OpenAIError(.invalidJSON, "We could not parse the JSON body of your request: \(error).")
    }

    static func bodyIsNoObject(_ kind: String) -> OpenAIError {
        OpenAIError(.invalidJSON, "We could not parse the JSON body of your request: expected an object, got \(kind).")
    }

    static func missing(_ param: String) -> OpenAIError {
        OpenAIError(.missingParameter, "Missing required parameter: '\(param)'.", param: param)
    }

    static func unknown(_ param: String) -> OpenAIError {
        OpenAIError(.unknownParameter, "Unknown parameter: '\(param)'.", param: param)
    }

    static func unsupported(_ param: String) -> OpenAIError {
        OpenAIError(.unsupportedParameter, "Unsupported parameter: '\(param)' is not supported here.", param: param)
    }

    /// A value that this server's model, engine or template cannot serve.
    package static func unsupported(_ param: String, value: String, instead: String) -> OpenAIError {
        OpenAIError(
            .unsupportedValue, "Unsupported value: '\(param)' does not support '\(value.bounded())' here; \(instead).",
            param: param)
    }

    static func wrongType(_ param: String, expected: String, got value: JSONValue) -> OpenAIError {
        OpenAIError(
            .invalidType, "Invalid type for '\(param)': expected \(expected), but got \(value.kind) instead.",
            param: param)
    }

    static func invalid(_ param: String, _ sentence: String) -> OpenAIError {
        OpenAIError(.invalidValue, "Invalid '\(param)': \(sentence).", param: param)
    }

    static func tooLong(_ param: String, bytesMax: Int) -> OpenAIError {
        OpenAIError(
            .stringTooLong, "Invalid '\(param)': string too long. Expected at most \(bytesMax) bytes.", param: param)
    }

    static func emptyString(_ param: String) -> OpenAIError {
        OpenAIError(.emptyString, "Invalid '\(param)': empty string.", param: param)
    }

    static func emptyArray(_ param: String) -> OpenAIError {
        OpenAIError(.emptyArray, "Invalid '\(param)': empty array. Expected at least one element.", param: param)
    }

    static func arrayTooLong(_ param: String, countMax: Int) -> OpenAIError {
        OpenAIError(
            .arrayTooLong, "Invalid '\(param)': array too long. Expected at most \(countMax) elements.", param: param)
    }

    /// An integer outside `bounds`; `text` is what was sent.
    static func integer(_ param: String, _ text: String, outside bounds: ClosedRange<Int64>, isBelow: Bool)
        -> OpenAIError
    {
        let expected = isBelow ? ">= \(bounds.lowerBound)" : "<= \(bounds.upperBound)"
        return OpenAIError(
            isBelow ? .integerBelowMinimum : .integerAboveMaximum,
            "Invalid '\(param)': integer \(isBelow ? "below minimum" : "above maximum") value. "
                + "Expected a value \(expected), but got \(text.bounded()) instead.", param: param)
    }

    /// A decimal outside `bounds`, which are in millionths; `text` is what was sent.
    static func decimal(_ param: String, _ text: String, outside bounds: ClosedRange<Int64>, isBelow: Bool)
        -> OpenAIError
    {
        let bound = isBelow ? bounds.lowerBound : bounds.upperBound
        return OpenAIError(
            isBelow ? .decimalBelowMinimum : .decimalAboveMaximum,
            "Invalid '\(param)': decimal \(isBelow ? "below minimum" : "above maximum") value. "
                + "Expected a value \(isBelow ? ">=" : "<=") \(JSONNumber(millionths: bound).text), but got \(text.bounded()) instead.",
            param: param)
    }
}
