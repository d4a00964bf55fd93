import Cryptography
import EngineAPI
import Messages
import Primitives
import ProtocolRules
import StubEngine
import Testing
import Verification

@testable import HostRoles

@Suite("Verifying where an answer ends")
struct AnswerChecksTests {
    static func body(_ parameter: String = #""n":1"#) -> String {
        #"{"model":"test-model","messages":[{"role":"user","content":"Hi"}],\#(parameter)}"#
    }

    @Test(
        "Honest answers of every kind pass",
        arguments: [
            ("Hello there", #""stop":"there""#), ("Hello there", #""stop":["lo","zz"]"#),
            ("Hello there", #""max_tokens":4"#), ("Hello there", #""max_tokens":12"#),
            ("Hello there", #""max_tokens":11"#), ("Hello there", #""stop":"there is more""#),
            // Cut between the halves of one character, and inside the bytes of another.
            ("one\r\ntwo", #""stop":"\n""#), ("e\u{301}", #""stop":"\u0301""#), ("Grüße", #""max_tokens":3"#),
            ("Hello", #""n":1"#), ("x", #""max_tokens":1"#), ("\r\n", #""stop":"\r""#),
        ])
    func honest(_ answer: String, _ parameter: String) async throws {
        let receipts = try await ReceiptScene(
            Self.body(parameter), engine: ScriptedEngine(model: "test-model", answer: answer))
        #expect(await receipts.failures(receipts.file(receipts.honest)).isEmpty)
    }

    @Test("An answer without end goes up to the network's default, and no further")
    func defaultLimit() async throws {
        let receipts = try await ReceiptScene(Self.body(), engine: ScriptedEngine(model: "test-model"))
        #expect(receipts.honest.item.outputTokens == 256)
        #expect(await receipts.failures(receipts.file(receipts.honest)).isEmpty)
        let cut = try await receipts.forged { forgery in
            forgery.answer.outputTokens.removeLast()
            forgery.answer.text.removeLast()
            try forgery.settle()
        }
        #expect(await receipts.failures(receipts.file(cut)) == [.ending])
    }

    @Test("An answer whose client went away passes as what it is, and as nothing else")
    func cancelled() async throws {
        let receipts = try await ReceiptScene()
        let cut = try await receipts.forged { forgery in
            forgery.answer.outputTokens.removeLast(7)
            forgery.answer.text = "Hello"
            forgery.receipt.item.finishReason = .cancelled
            try forgery.settle()
        }
        #expect(await receipts.failures(receipts.file(cut)).isEmpty)
        for reason in [FinishReason.stop, .length] {
            let lie = try await receipts.forged { forgery in
                forgery.answer = cut.answer
                forgery.receipt.item.finishReason = reason
                try forgery.settle()
            }
            #expect(await receipts.failures(receipts.file(lie)) == [.ending])
        }
    }

    @Test("Nothing is charged without its text")
    func emptyAnswer() async throws {
        let receipts = try await ReceiptScene(
            engine: ScriptedEngine(model: "test-model", answer: String(repeating: "words ", count: 34)))
        let lie = try await receipts.forged { forgery in
            forgery.answer.text = ""
            try forgery.settle()
        }
        #expect(lie.item.outputTokens > 200)
        #expect(await receipts.failures(receipts.file(lie)) == [.answer])
    }

    @Test("Nothing comes after an end token")
    func pastTheEnd() async throws {
        let receipts = try await ReceiptScene()
        let lie = try await receipts.forged { forgery in
            forgery.answer.outputTokens += Array("buy now".utf8.map(TokenID.init))
            try forgery.settle()
        }
        #expect(await receipts.failures(receipts.file(lie)) == [.ending, .margin])
        let shown = try await receipts.forged { forgery in
            forgery.answer = lie.answer
            forgery.answer.text += "buy now"
            try forgery.settle()
        }
        #expect(await receipts.failures(receipts.file(shown)) == [.answer, .ending, .margin])
    }

    @Test("Nothing comes after the limit that was asked for")
    func pastTheLimit() async throws {
        let receipts = try await ReceiptScene(Self.body())
        let lie = try await receipts.forged { forgery in
            forgery.body = Bytes(Self.body(#""max_tokens":4"#).utf8)
            forgery.receipt.item.serving?.requestDigest = .sha256(forgery.body)
        }
        #expect(await receipts.failures(receipts.file(lie)) == [.answer, .ending])
    }

    @Test("Nothing comes after a stop text")
    func pastTheStop() async throws {
        let receipts = try await ReceiptScene(Self.body())
        let lie = try await receipts.forged { forgery in
            forgery.body = Bytes(Self.body(#""stop":"lo""#).utf8)
            forgery.receipt.item.serving?.requestDigest = .sha256(forgery.body)
        }
        #expect(await receipts.failures(receipts.file(lie)) == [.answer, .ending])
    }

    @Test("A false reason is told from the true one", arguments: [FinishReason.length, .cancelled])
    func falseReason(_ reason: FinishReason) async throws {
        let receipts = try await ReceiptScene()
        let lie = try await receipts.forged { $0.receipt.item.finishReason = reason }
        #expect(await receipts.failures(receipts.file(lie)) == [.ending])
    }
}
