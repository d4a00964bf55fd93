import Foundation
import OpenAIWire
import Primitives
import Testing
import WireFormat

@Suite struct OpenAIErrorTests {
    static let all: [OpenAIError] = [
        .invalidAPIKey, .invalidSignature, .timestampTooOld, .timestampInFuture, .requestReplayed, .insufficientQuota,
        .modelNotFound("gpt-x"), .contextLengthExceeded(contextTokens: 8192, requestedTokens: 9000), .unknownURL,
        .methodNotAllowed("POST"), .requestTimeout, .bodyTooLarge(bytesMax: 10_485_760), .headersTooLarge,
        .unsupportedMediaType, .rateLimitExceeded(retryAfterSeconds: 3), .overloaded(retryAfterSeconds: 2),
        .noHostAvailable, .shuttingDown, .engineFailed, .internalError, .voucherRequired,
        .voucherInvalid("it is for another chain"), .voucherSignatureInvalid, .voucherTooOld(height: 5, oldest: 9),
        .voucherDigestMismatch, .voucherSequenceReused(7), .voucherAmountTooLow(Amount(1), needed: Amount(2)),
        .allotmentExceeded(Amount(9), allotment: Amount(8)), .sessionNotFound(3), .sessionClosed(3),
        .itemNotFound, .itemNotOpened,
    ]

    /// Statuses and types as the clients need them (clients.md section 5).
    @Test(
        arguments: [
            (.invalidAPIKey, 401, "invalid_request_error", "invalid_api_key"),
            (.modelNotFound("x"), 404, "invalid_request_error", "model_not_found"),
            (
                .contextLengthExceeded(contextTokens: 1, requestedTokens: 2), 400, "invalid_request_error",
                "context_length_exceeded"
            ),
            (.rateLimitExceeded(retryAfterSeconds: 1), 429, "rate_limit_error", "rate_limit_exceeded"),
            (.insufficientQuota, 402, "insufficient_quota", "insufficient_quota"),
            (.unknownURL, 404, "invalid_request_error", "unknown_url"),
            (.methodNotAllowed("GET"), 405, "invalid_request_error", "method_not_allowed"),
            (.bodyTooLarge(bytesMax: 1), 413, "invalid_request_error", "request_too_large"),
            (.unsupportedMediaType, 415, "invalid_request_error", "unsupported_media_type"),
            (.headersTooLarge, 431, "invalid_request_error", "request_headers_too_large"),
            (.engineFailed, 500, "server_error", "engine_failed"),
            (.overloaded(retryAfterSeconds: 1), 503, "server_error", "overloaded"),
        ] as [(OpenAIError, Int, String, String)])
    func statuses(_ error: OpenAIError, _ status: Int, _ type: String, _ code: String) {
        #expect(error.status == status)
        #expect(error.type == type)
        #expect(error.code.rawValue == code)
    }

    /// Words that LiteLLM and the openai client look for.
    @Test func wordsThatClientsMatch() {
        #expect(OpenAIError.invalidAPIKey.message.hasPrefix("Incorrect API key provided"))
        #expect(OpenAIError.invalidSignature.message.hasPrefix("Incorrect API key provided"))
        #expect(
            OpenAIError.contextLengthExceeded(contextTokens: 8192, requestedTokens: 9000).message
                .hasPrefix("This model's maximum context length is 8192 tokens"))
        #expect(OpenAIError.rateLimitExceeded(retryAfterSeconds: 3).retryAfterSeconds == 3)
    }

    @Test(arguments: all) func everyErrorHasFourKeysAndComesBack(_ error: OpenAIError) throws {
        let value = try JSONParser.parse(error.encoded())
        let members = try #require(value["error"]?.object?.members)
        #expect(members.map(\.key) == ["message", "type", "param", "code"])
        let again = try #require(OpenAIError.parse(value))
        #expect((again.code, again.message, again.param) == (error.code, error.message, error.param))
    }

    @Test func golden() {
        #expect(
            String(decoding: OpenAIError.modelNotFound("a\"b").encoded(), as: UTF8.self)
                == #"{"error":{"message":"The model 'a\"b' does not exist or you do not have access to it.","type":"invalid_request_error","param":"model","code":"model_not_found"}}"#
        )
        #expect(
            String(decoding: OpenAIError.insufficientQuota.encoded(), as: UTF8.self)
                == #"{"error":{"message":"You exceeded your current quota: the session's deposit does not cover this request.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"#
        )
    }

    /// 409 is repeated by clients of their own accord, and so is anything from 500 up: what must not be repeated has neither.
    @Test func whatMustNotBeRepeatedIsNot() {
        for code in OpenAIErrorCode.allCases { #expect(code.status != 409) }
        let repeatable: Set<OpenAIErrorCode> = [
            .requestTimeout, .rateLimitExceeded, .overloaded, .noHostAvailable, .shuttingDown, .engineFailed,
            .internalError,
        ]
        for code in OpenAIErrorCode.allCases {
            #expect((code.status == 408 || code.status == 429 || code.status >= 500) == repeatable.contains(code))
        }
    }

    /// Row F14: nothing but what the request said and our own words.
    @Test func errorsOfOthersAreNotPassedOnBlindly() throws {
        let unknown = try JSONParser.parse(
            Bytes(#"{"error":{"message":"/etc/x","type":"t","param":null,"code":"other"}}"#.utf8))
        #expect(OpenAIError.parse(unknown) == nil)
        #expect(OpenAIError.parse(["error": "text"]) == nil)
        #expect(OpenAIError.parse(["error": ["message": "m", "code": .null]]) == nil)
        let long = JSONValue.string(String(repeating: "x", count: 100_000))
        let error = OpenAIError.parse(["error": ["message": long, "code": "overloaded", "param": long]])
        #expect(error?.message.count == 512)
        #expect(error?.param?.count == 64)
    }

    /// docs/api.md names every code with its status, and none that does not exist.
    @Test func theDocumentedCodesAreTheCodes() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/api.md"), encoding: .utf8)
        var documented: [String: Int] = [:]
        for line in page.split(separator: "\n") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count >= 2, let status = Int(cells[1]), status >= 400 else { continue }
            for code in cells[0].split(separator: ",") {
                documented[code.trimmingCharacters(in: CharacterSet(charactersIn: " `"))] = status
            }
        }
        let codes = OpenAIErrorCode.allCases.map { ($0.rawValue, $0.status) }
        #expect(documented == Dictionary(uniqueKeysWithValues: codes))
    }

    @Test func modelNamesComeBackShort() {
        #expect(OpenAIError.modelNotFound(String(repeating: "x", count: 100_000)).message.count < 200)
    }
}

@Suite struct OpenAIContentTypeTests {
    @Test(arguments: [
        "application/json", "Application/JSON", "application/json; charset=utf-8", "application/json;charset=UTF-8",
        "application/json ;  charset=\"utf-8\"", " application/json\t",
    ]) func accepted(_ value: String) { #expect(ContentType.isJSON(value)) }

    /// Row F15.
    @Test(
        arguments: [
            nil, "", " ", ";", "text/plain", "text/json", "text/event-stream", "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x", "application/json; charset=utf-16",
            "application/json; charset=iso-8859-1",
            "application/json; charset=utf-7", "application/json; boundary=x", "application/json, text/plain",
            "application/jsonp", "application/json5", "application/ld+json", "application/x-ndjson",
            "application/json;",
            "application/octet-stream", "*/*", "json", "application/json\u{0}",
            "application/json; charset=utf-8; charset=utf-16",
            "applicatıon/json",
        ] as [String?]) func refused(_ value: String?)
    { #expect(!ContentType.isJSON(value)) }
}
