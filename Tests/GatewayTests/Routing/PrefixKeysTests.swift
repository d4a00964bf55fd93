import Cryptography
import OpenAIWire
import Primitives
import Testing
import WireFormat

@testable import Gateway

/// What counts as the same beginning.
@Suite struct PrefixKeysTests {
    private static let long = String(repeating: "You are a helpful assistant. ", count: 20)

    private func keys(_ messages: (String, String)...) throws -> PrefixKeys? {
        let list = messages.map { ["role": .string($0.0), "content": .string($0.1)] as JSONValue }
        let body: JSONValue = ["model": "m", "messages": .array(list)]
        return PrefixKeys(try ChatCompletionRequest.parse(body.encoded()))
    }

    @Test func aConversationKeepsItsKeyAsItGrows() throws {
        let first = try #require(try keys(("system", "short"), ("user", Self.long)))
        let later = try #require(
            try keys(("system", "short"), ("user", Self.long), ("assistant", "Yes."), ("user", "And then?")))
        #expect(first == later)
        let other = try #require(try keys(("system", "short"), ("user", Self.long + "!")))
        #expect(other.conversation != first.conversation && other.shared != first.shared)
    }

    @Test func conversationsShareLongInstructions() throws {
        let first = try #require(try keys(("system", Self.long), ("user", "a")))
        let second = try #require(try keys(("system", Self.long), ("user", "b")))
        #expect(first.shared == second.shared)
        #expect(first.conversation != second.conversation)
    }

    @Test func aShortBeginningHasNone() throws {
        #expect(try keys(("user", "Hello")) == nil)
        #expect(try keys(("user", String(repeating: "x", count: Limits.prefixBytesMin - 1))) == nil)
        #expect(try keys(("user", String(repeating: "x", count: Limits.prefixBytesMin))) != nil)
    }

    @Test func onlyTheBeginningOfALongOneIsLookedAt() throws {
        let text = String(repeating: "x", count: Limits.prefixBytesMax)
        #expect(try keys(("user", text + "a")) == keys(("user", text + "b")))
        #expect(try keys(("user", "a" + text)) != keys(("user", "b" + text)))
    }

    @Test func rolesAndBordersAreOfTheKey() throws {
        #expect(try keys(("system", "a"), ("user", Self.long)) != keys(("assistant", "a"), ("user", Self.long)))
        #expect(try keys(("system", "a"), ("user", Self.long)) == keys(("developer", "a"), ("user", Self.long)))
        #expect(try keys(("system", "ab"), ("user", Self.long)) != keys(("system", "a"), ("user", "b" + Self.long)))
    }

    @Test func memoryIsBoundedAndKeepsTheNewest() {
        var memory = PrefixMemory(countMax: 10)
        let names = (0..<100).map { Hash32.sha256(utf8: "\($0)") }
        for (index, name) in names.enumerated() { memory.note(TestHost(UInt8(index % 3)).address, for: name) }
        #expect(memory.count <= 10)
        #expect(memory[names[99]] == TestHost(0).address)
        #expect(memory[names[0]] == nil)
        memory.note(TestHost(2).address, for: names[99])
        #expect(memory[names[99]] == TestHost(2).address)
    }
}
