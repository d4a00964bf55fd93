import Messages
import OpenAIWire
import Primitives
import ProtocolRules

/// Lets requests in within the limits of whoever asks.
struct Billing: Sendable {
    let usage: UsageBook
    let pool: SessionPool
    let models: ModelDirectory

    /// - Throws: 404 for a model that the key may not ask for, 402 where a budget does not hold the request, 429 where it comes
    ///   too early.
    func open(_ key: APIKey, for completion: ChatCompletionRequest) async throws(OpenAIError) -> Bill {
        RequestScope.current?.note { ($0.caller, $0.model) = (key.name, completion.model) }
        let cost = await pool.maximumCost(of: completion, listed: models.prices(of: completion.model))
        guard let cost else { throw .insufficientQuota }
        return try usage.open(key, model: completion.model, maximum: cost.charge, tokens: cost.tokens)
    }
}

extension SessionPool {
    /// What a request can cost at most, by the prices of whatever session it may come under, and how many tokens it will
    /// probably take; nil where that needs more than 64 bits.
    ///
    /// - Parameter listed: the prices of a session that would be opened now.
    func maximumCost(
        of completion: ChatCompletionRequest, listed: TokenPrices?
    ) -> (charge: Amount, tokens: UInt64)? {
        let fallback = chain?.parameters.sessions.maxTokensDefault ?? 0
        let open = (sessions[completion.model] ?? []).filter { !$0.isClosing }.map(\.record.prices)
        var charge = Amount.zero
        for prices in open + [listed].compactMap({ $0 }) {
            guard let one = try? completion.maximumCharge(prices, defaultMaxTokens: fallback) else { return nil }
            charge = max(charge, one)
        }
        let (output, overflow) = (completion.maxTokens ?? fallback).multipliedReportingOverflow(
            by: UInt64(completion.choices))
        let prompt = completion.textBytes / Limits.textBytesPerToken
        return (charge, overflow ? .max : output.clamped(plus: prompt))
    }
}
