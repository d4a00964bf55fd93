import Primitives
import Testing
import WireFormat

private func number(_ text: String) throws -> JSONNumber {
    var limits = JSONLimits()
    limits.numberLengthMax = 1000
    return try #require(try JSONParser.parse(Bytes(text.utf8), limits: limits).number)
}

@Suite struct JSONNumberTests {
    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("1", 1), ("-1", -1), ("9223372036854775807", .max), ("-9223372036854775808", .min),
            ("9223372036854775808", nil), ("-9223372036854775809", nil), ("1.0", nil), ("1e0", nil), ("1E2", nil),
            ("18446744073709551616", nil),
        ] as [(String, Int64?)]) func signedIntegers(_ text: String, _ expected: Int64?) throws
    {
        #expect(try number(text).int64 == expected)
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", nil), ("-1", nil), ("18446744073709551615", .max), ("18446744073709551616", nil),
            ("1.0", nil),
        ] as [(String, UInt64?)]) func unsignedIntegers(_ text: String, _ expected: UInt64?) throws
    {
        #expect(try number(text).uint64 == expected)
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("-0.0e5", 0), ("0e400", 0), ("0.7", 700_000), ("1", 1_000_000), ("-2", -2_000_000),
            ("1.000000", 1_000_000), ("0.1", 100_000), ("0.000001", 1), ("7e-1", 700_000), ("70E-2", 700_000),
            ("0.07e+1", 700_000), ("0.00000000007e10", 700_000), ("2e0", 2_000_000), ("123.456789", 123_456_789),
            // Rounding: to nearest, half to even.
            ("0.0000004", 0), ("0.0000005", 0), ("0.00000050000001", 1), ("0.0000006", 1), ("0.0000015", 2),
            ("0.0000025", 2), ("-0.0000015", -2), ("0.9999995", 1_000_000), ("0.99999949999", 999_999), ("5e-7", 0),
            ("5.1e-7", 1), ("9e-8", 0), ("1e-400", 0), ("0.30000000000000004", 300_000),
            ("1.9999999999999998", 2_000_000),
            // The edges of Int64.
            ("9223372036854.775807", .max), ("-9223372036854.775807", -.max), ("9223372036854.775808", nil),
            ("9223372036854.7758074", .max), ("9223372036854.7758075", nil), ("9223372036854775807", nil),
            ("1e12", 1_000_000_000_000_000_000),
            ("1e13", nil), ("1e400", nil), ("-1e400", nil), ("1e99999999999999999999999999", nil),
            ("1e-99999999999999999999999999", 0),
        ] as [(String, Int64?)]) func millionths(_ text: String, _ expected: Int64?) throws
    {
        #expect(try number(text).millionths == expected)
    }

    /// Every decimal with six places, written out by integer arithmetic, comes back as the integer it was.
    @Test func sixPlacesAreExact() throws {
        var generator = WireFuzzGenerator(seed: 7)
        for _ in 0..<5000 {
            let value = Int64.random(in: -3_000_000...3_000_000, using: &generator)
            let digits = String(value.magnitude % 1_000_000)
            let fraction = String(repeating: "0", count: 6 - digits.count) + digits
            #expect(try number("\(value < 0 ? "-" : "")\(value.magnitude / 1_000_000).\(fraction)").millionths == value)
        }
    }

    @Test func keepsItsText() throws {
        #expect(try number("1.10").text == "1.10")
        #expect(JSONNumber(Int64.min).text == "-9223372036854775808")
        #expect(JSONNumber(UInt64.max).text == "18446744073709551615")
        #expect(try number("1") != number("1.0"))
    }
}
