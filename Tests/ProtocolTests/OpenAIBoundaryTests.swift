import OpenAIWire
import Primitives
import Testing

/// Row F1 of the threat model: extreme values in every numeric field are accepted or refused by name, never a fault of ours.
struct NumericField: CustomTestStringConvertible, Sendable {
    let name: String
    /// As JSON, what is accepted.
    let accepted: [String]
    /// As JSON, what is refused, with its code.
    let refused: [(String, OpenAIErrorCode)]
    var testDescription: String { name }

    /// Values that no numeric field takes.
    static let neverNumbers: [(String, OpenAIErrorCode)] = [
        (#""1""#, .invalidType), ("true", .invalidType), ("[]", .invalidType), ("{}", .invalidType),
        (#""NaN""#, .invalidType), ("NaN", .invalidJSON), ("Infinity", .invalidJSON), ("0x10", .invalidJSON),
        ("01", .invalidJSON), ("+1", .invalidJSON), ("1.", .invalidJSON),
        ("1" + String(repeating: "0", count: 32), .invalidJSON),
    ]

    static func integer(_ name: String, _ bounds: ClosedRange<Int64>) -> NumericField {
        NumericField(
            name: name, accepted: ["\(bounds.lowerBound)", "\(bounds.upperBound)", "null"],
            refused: [
                ("\(bounds.lowerBound - 1)", .integerBelowMinimum), ("\(bounds.upperBound + 1)", .integerAboveMaximum),
                ("-2147483649", .integerBelowMinimum), ("2147483648", .integerAboveMaximum),
                ("9223372036854775807", .integerAboveMaximum), ("9223372036854775808", .integerAboveMaximum),
                ("-9223372036854775809", .integerBelowMinimum), ("18446744073709551616", .integerAboveMaximum),
                ("1.0", .invalidType), ("1e0", .invalidType), ("1e400", .invalidType), ("0.5", .invalidType),
            ])
    }

    static func decimal(_ name: String, accepted: [String], below: [String], above: [String]) -> NumericField {
        let far = ["-2147483649", "-9223372036854775809", "-1e400"].map { ($0, OpenAIErrorCode.decimalBelowMinimum) }
        let beyond = ["2147483648", "9223372036854775808", "1e400", "1e99999999999"].map {
            ($0, OpenAIErrorCode.decimalAboveMaximum)
        }
        return NumericField(
            name: name, accepted: accepted + ["null"],
            refused: below.map { ($0, .decimalBelowMinimum) } + above.map { ($0, .decimalAboveMaximum) } + far + beyond)
    }

    static let all: [NumericField] = [
        .integer("n", 1...5), .integer("max_tokens", 1...1_048_576), .integer("max_completion_tokens", 1...1_048_576),
        .integer("top_k", -1...1_048_576),
        NumericField(
            name: "seed",
            accepted: ["0", "-0", "1", "-1", "9223372036854775807", "-9223372036854775808", "null"],
            refused: [
                ("9223372036854775808", .integerAboveMaximum), ("-9223372036854775809", .integerBelowMinimum),
                ("1.0", .invalidType), ("1e0", .invalidType), ("1e400", .invalidType), ("0.5", .invalidType),
            ]),
        .decimal(
            "temperature",
            accepted: [
                "0", "-0", "0.0", "1", "2", "2.0", "2e0", "0.000001", "1e-400", "2.0000004", "-0.0000004",
                "1.9999999999999998",
            ],
            below: ["-0.000001", "-1"], above: ["2.000001", "3", "2.0000006"]),
        .decimal(
            "top_p", accepted: ["1", "1.0", "0.000001", "0.5", "0", "-0", "0.0000004", "1e-400"],
            below: ["-0.000001", "-1"], above: ["1.000001", "2"]),
        .decimal("min_p", accepted: ["0", "-0", "1", "0.05"], below: ["-0.000001"], above: ["1.000001", "2"]),
        .decimal(
            "presence_penalty", accepted: ["0", "-2", "2", "1.5"], below: ["-2.000001", "-3"], above: ["2.000001", "3"]),
        .decimal(
            "frequency_penalty", accepted: ["0", "-2", "2", "1.5"], below: ["-2.000001", "-3"],
            above: ["2.000001", "3"]),
    ]
}

@Suite struct OpenAIBoundaryTests {
    @Test(arguments: NumericField.all) func accepted(_ field: NumericField) {
        for value in field.accepted {
            #expect(OpenAISample.refusal(OpenAISample.body(adding: "\"\(field.name)\":\(value)")) == nil, "\(value)")
        }
    }

    @Test(arguments: NumericField.all) func refused(_ field: NumericField) {
        for (value, code) in field.refused + NumericField.neverNumbers {
            let error = OpenAISample.refusal(OpenAISample.body(adding: "\"\(field.name)\":\(value)"))
            #expect(error?.code == code, "\(value)")
            #expect(error?.status == 400)
            #expect(error?.param == (code == .invalidJSON ? nil : field.name), "\(value)")
        }
    }

    @Test(arguments: ["stream", "store", "parallel_tool_calls"], ["0", "1", #""true""#, "[]", "{}"])
    func booleans(_ name: String, _ value: String) {
        let error = OpenAISample.refusal(OpenAISample.body(adding: "\"\(name)\":\(value)"))
        #expect(error?.code == .invalidType)
        #expect(error?.param == name)
    }

    @Test func messagesFollowOpenAI() {
        let hot = OpenAISample.refusal(OpenAISample.body(adding: #""temperature":3.5"#))
        #expect(
            hot?.message
                == "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3.5 instead.")
        let none = OpenAISample.refusal(OpenAISample.body(adding: #""min_p":-1"#))
        #expect(none?.message.contains("Expected a value >= 0, but got -1 instead.") == true)
        let many = OpenAISample.refusal(OpenAISample.body(adding: #""n":6"#))
        #expect(many?.message == "Invalid 'n': integer above maximum value. Expected a value <= 5, but got 6 instead.")
        let cold = OpenAISample.refusal(OpenAISample.body(adding: #""presence_penalty":-2.5"#))
        #expect(cold?.message.contains("Expected a value >= -2, but got -2.5 instead.") == true)
    }

    /// A host that returns one choice only says so by its limits.
    @Test func choicesAreTheHostsToLimit() {
        var limits = OpenAILimits()
        limits.choicesMax = 1
        #expect(OpenAISample.refusal(OpenAISample.body(adding: #""n":1"#), limits) == nil)
        #expect(OpenAISample.refusal(OpenAISample.body(adding: #""n":2"#), limits)?.code == .integerAboveMaximum)
    }
}
