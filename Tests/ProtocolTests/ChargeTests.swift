import Primitives
import ProtocolRules
import Testing
import WireFormat

@Suite struct ChargeTests {
    /// 0.5, 0.05 and 1.5 ngonka per token.
    static let prices = TokenPrices(input: 500_000_000, cachedInput: 50_000_000, output: 1_500_000_000)

    @Test(arguments: [
        // (bytes + 16 · messages + 64) · 0.5 + maximum · 1.5
        (UInt64(0), UInt64(0), UInt64(0), UInt64(32)), (100, 2, 256, 482), (1, 0, 0, 33), (1, 1, 1, 42),
    ])
    func theMaximumIsKnownBeforehand(
        _ bytes: UInt64, _ messages: UInt64, _ maxTokens: UInt64, _ ngonka: UInt64
    ) throws {
        let maximum = try Charge.maximum(
            ChargeTests.prices, textBytes: bytes, messages: messages, maxTokens: maxTokens)
        #expect(maximum == Amount(ngonka))
    }

    @Test(arguments: [
        // 0.5 · (prompt − cached) + 0.05 · cached + 1.5 · output, rounded up once.
        (UInt64(10), UInt64(0), UInt64(10), UInt64(20)), (10, 4, 1, 5), (10, 10, 0, 1), (1, 0, 1, 2), (1, 1, 1, 2),
        (0, 0, 0, 0), (1_000_000, 0, 1_000_000, 1_000),
    ])
    func theFeeFollowsUse(_ prompt: UInt64, _ cached: UInt64, _ output: UInt64, _ ngonka: UInt64) throws {
        let usage = TokenUsage(prompt: prompt, cached: cached, output: output)
        #expect(try Charge.fee(ChargeTests.prices, usage: usage, maximum: Amount(1_000)) == Amount(ngonka))
    }

    @Test func aMillionthOfANgonkaIsAPrice() throws {
        let prices = TokenPrices(input: 0, cachedInput: 0, output: 1)
        func fee(_ output: UInt64) throws -> Amount {
            try Charge.fee(prices, usage: TokenUsage(prompt: 9, cached: 0, output: output), maximum: Amount(.max))
        }
        #expect(try fee(0) == Amount(0))
        #expect(try fee(1) == Amount(1))
        #expect(try fee(1_000_000_000) == Amount(1))
        #expect(try fee(1_000_000_001) == Amount(2))
    }

    @Test func moreCachedThanPromptTokensIsRefused() {
        let usage = TokenUsage(prompt: 1, cached: 2, output: 0)
        #expect(throws: ArithmeticError.underflow) {
            try Charge.fee(ChargeTests.prices, usage: usage, maximum: Amount(100))
        }
    }

    @Test func whatDoesNotFitIsRefusedBeforeAndCappedAfter() throws {
        let dear = TokenPrices(input: .max, cachedInput: .max, output: .max)
        for (bytes, messages, maxTokens) in [
            (UInt64.max, UInt64(0), UInt64(0)), (0, .max, 0), (0, 0, .max), (.max - 64, 0, .max),
        ] {
            #expect(throws: ArithmeticError.overflow) {
                try Charge.maximum(dear, textBytes: bytes, messages: messages, maxTokens: maxTokens)
            }
        }
        let usage = TokenUsage(prompt: .max, cached: 1, output: .max)
        #expect(try Charge.fee(dear, usage: usage, maximum: Amount(7)) == Amount(7))
    }

    @Test func theFeeNeverExceedsTheMaximum() throws {
        var random = SplitMix64(seed: 5)
        func price() -> UInt64 { random.next() >> (20 + random.next() % 44) }
        for _ in 0..<5_000 {
            let prices = TokenPrices(input: price(), cachedInput: price(), output: price())
            let (bytes, maxTokens) = (random.next() % 10_000, random.next() % 4_096)
            let maximum = try Charge.maximum(
                prices, textBytes: bytes, messages: random.next() % 9, maxTokens: maxTokens)
            let prompt = random.next() % 20_000
            let usage = TokenUsage(
                prompt: prompt, cached: random.next() % (prompt + 1), output: random.next() % 5_000)
            #expect(try Charge.fee(prices, usage: usage, maximum: maximum) <= maximum)
        }
    }

    @Test func pricesEncodeThereAndBack() throws {
        #expect(try TokenPrices.decode(ChargeTests.prices.encoded()) == ChargeTests.prices)
        let free = TokenPrices(input: 0, cachedInput: 0, output: 0)
        #expect(try TokenPrices.decode(free.encoded()) == free)
    }
}
