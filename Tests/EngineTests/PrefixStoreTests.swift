import Cryptography
import Primitives
import ProtocolRules
import Testing

@testable import LlamaEngine

@Suite("What is kept of earlier prompts")
struct PrefixStoreTests {
    private static let scope = Hash32.sha256([1])
    private static let other = Hash32.sha256([2])

    private static func tokens(_ count: Int, from first: TokenID = 0) -> [TokenID] {
        (0..<count).map { first + TokenID($0) }
    }

    private static func state(_ count: Int, _ byte: UInt8 = 7) -> Bytes { Bytes(repeating: byte, count: count) }

    @Test func givesTheLongestOfItsScopeButTheLastToken() {
        var store = PrefixStore(bytesMax: 1_000)
        store.keep(Self.scope, Self.tokens(20)[...], Self.state(20, 1))
        store.keep(Self.scope, (Self.tokens(30) + [900, 901])[...], Self.state(32, 2))
        store.keep(Self.other, Self.tokens(50)[...], Self.state(50, 3))
        // The first was the beginning of the second.
        #expect(store.count == 2 && store.byteCount == 82)
        let longer = store.take(Self.scope, Self.tokens(60))
        #expect(longer?.count == 30 && longer?.state == Self.state(32, 2))
        let same = store.take(Self.scope, Self.tokens(30))
        #expect(same?.count == 29)
        #expect(store.sharedCount(Self.scope, Self.tokens(60)) == 30)
        #expect(store.sharedCount(.sha256([3]), Self.tokens(60)) == 0)
    }

    @Test func shortBeginningsAreNotWorthACopy() {
        var store = PrefixStore(bytesMax: 1_000)
        store.keep(Self.scope, Self.tokens(40)[...], Self.state(40))
        let common = Self.tokens(Limits.sharedTokensMin)
        #expect(store.sharedCount(Self.scope, common + [900]) == Limits.sharedTokensMin)
        #expect(store.sharedCount(Self.scope, common.dropLast() + [900, 901]) == 0)
    }

    private static func holds(_ store: PrefixStore, _ scope: Hash32, _ tokens: ArraySlice<TokenID>) -> Bool {
        var store = store
        return store.holds(scope, tokens)
    }

    @Test func whatWasUsedLongestAgoMakesRoom() {
        var store = PrefixStore(bytesMax: 100)
        let texts = (0..<4).map { Self.tokens(20, from: TokenID($0 * 1_000)) }
        for text in texts[..<2] { store.keep(Self.scope, text[...], Self.state(40)) }
        let isUsed = store.holds(Self.scope, texts[0][...])
        #expect(isUsed)
        store.keep(Self.other, texts[2][...], Self.state(40))
        #expect(store.byteCount == 80)
        #expect(Self.holds(store, Self.scope, texts[0][..<18]))
        #expect(!Self.holds(store, Self.scope, texts[1][...]))
        #expect(Self.holds(store, Self.other, texts[2][...]) && !Self.holds(store, Self.scope, texts[2][...]))
        // Larger than everything together, and nothing at all.
        store.keep(Self.scope, texts[3][...], Self.state(101))
        store.keep(Self.scope, texts[3][...], [])
        #expect(!Self.holds(store, Self.scope, texts[3][...]) && store.byteCount == 80)
    }

    @Test func countIsBounded() {
        var store = PrefixStore(bytesMax: 1 << 20)
        for index in 0..<(Limits.keptPrefixes + 3) {
            store.keep(Self.scope, [TokenID(index), 5][...], Self.state(1))
        }
        #expect(store.count == Limits.keptPrefixes && store.byteCount == Limits.keptPrefixes)
        #expect(!Self.holds(store, Self.scope, [2, 5]) && Self.holds(store, Self.scope, [3, 5]))
    }
}
