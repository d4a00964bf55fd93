import OpenAIWire
import Primitives
import Testing

/// Rows E3 and F13 of the threat model: every cap at its limit and one above.
@Suite struct OpenAILimitsTests {
    private func check(_ atLimit: Bytes, _ above: Bytes, _ code: OpenAIErrorCode, _ param: String?) {
        #expect(OpenAISample.refusal(atLimit) == nil)
        let error = OpenAISample.refusal(above)
        #expect(error?.code == code)
        #expect(error?.param == param)
        #expect(error?.status == 400)
    }

    @Test func messages() {
        let message = #"{"role":"user","content":"a"}"#
        check(
            OpenAISample.body(messages: OpenAISample.array(of: message, 2048)),
            OpenAISample.body(messages: OpenAISample.array(of: message, 2049)), .arrayTooLong, "messages")
    }

    @Test func contentParts() {
        func body(_ count: Int) -> Bytes {
            let parts = OpenAISample.array(of: #"{"type":"text","text":"a"}"#, count)
            return OpenAISample.body(messages: #"[{"role":"user","content":\#(parts)}]"#)
        }
        check(body(1024), body(1025), .arrayTooLong, "messages[0].content")
    }

    @Test func nameBytes() {
        func body(_ name: String) -> Bytes {
            OpenAISample.body(messages: #"[{"role":"user","content":"a","name":"\#(name)"}]"#)
        }
        check(
            body(String(repeating: "é", count: 32)), body(String(repeating: "é", count: 32) + "a"), .stringTooLong,
            "messages[0].name")
    }

    @Test func stops() {
        check(
            OpenAISample.body(adding: "\"stop\":\(OpenAISample.array(of: "\"a\"", 16))"),
            OpenAISample.body(adding: "\"stop\":\(OpenAISample.array(of: "\"a\"", 17))"), .arrayTooLong, "stop")
    }

    @Test func stopBytes() {
        let longest = String(repeating: "é", count: 128)
        check(
            OpenAISample.body(adding: "\"stop\":\"\(longest)\""), OpenAISample.body(adding: "\"stop\":\"\(longest)a\""),
            .stringTooLong, "stop")
        check(
            OpenAISample.body(adding: "\"stop\":[\"a\",\"\(longest)\"]"),
            OpenAISample.body(adding: "\"stop\":[\"a\",\"\(longest)a\"]"), .stringTooLong, "stop[1]")
    }

    @Test(arguments: [
        ("5", OpenAIErrorCode.invalidType, "stop"), ("{}", .invalidType, "stop"), ("\"\"", .emptyString, "stop"),
        ("[\"a\",\"\"]", .emptyString, "stop[1]"), ("[5]", .invalidType, "stop[0]"),
        ("[null]", .invalidType, "stop[0]"),
        ("[[\"a\"]]", .invalidType, "stop[0]"),
    ]) func stopsOfOtherKinds(_ value: String, _ code: OpenAIErrorCode, _ param: String) {
        let error = OpenAISample.refusal(OpenAISample.body(adding: "\"stop\":\(value)"))
        #expect(error?.code == code)
        #expect(error?.param == param)
    }

    @Test func parameters() {
        var limits = OpenAILimits()
        limits.parametersMax = 3
        #expect(OpenAISample.refusal(OpenAISample.body(adding: #""n":1"#), limits) == nil)
        #expect(OpenAISample.refusal(OpenAISample.body(adding: #""n":1,"seed":1"#), limits)?.code == .invalidValue)
    }

    @Test func bodyBytes() {
        var limits = OpenAILimits()
        let body = OpenAISample.body(adding: #""n":1"#)
        limits.bodyBytesMax = body.count
        #expect(OpenAISample.refusal(body, limits) == nil)
        limits.bodyBytesMax = body.count - 1
        #expect(OpenAISample.refusal(body, limits)?.code == .invalidJSON)
    }

    @Test func depth() {
        func metadata(_ depth: Int) -> Bytes {
            let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            return OpenAISample.body(adding: "\"metadata\":{\"a\":\(nested)}")
        }
        #expect(OpenAISample.refusal(metadata(30)) == nil)
        #expect(OpenAISample.refusal(metadata(31))?.code == .invalidJSON)
    }
}
