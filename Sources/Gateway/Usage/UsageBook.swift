import HTTPTypes
import Logging
import OpenAIWire
import Primitives
import ProtocolRules
import Synchronization

/// What every key has used: lets requests in within their keys' limits, and keeps the sums.
///
/// Everything is decided in memory; the sums are written down every second. After a crash those of the last second are missing, and
/// those of requests that were open.
final class UsageBook: Sendable {
    /// A sum's name.
    struct Line: Hashable, Sendable {
        let key: String
        let date: UTCDate
        let model: String
    }

    private struct State {
        var spendings: [String: Spending]
        /// What was added since the last writing.
        var unsaved: [Line: Usage] = [:]

        /// That of a name, perhaps a new one; nil where there are too many. Those that matter no more make room.
        mutating func spending(of name: String, on today: UTCDate, countMax: Int) -> Spending? {
            if let known = spendings[name] { return known }
            if spendings.count >= countMax { spendings = spendings.filter { !$0.value.isIdle(on: today) } }
            return spendings.count < countMax ? Spending(date: today) : nil
        }
    }

    private let store: any UsageStore
    private let clock: WallClock
    private let metrics: FrontMetrics
    private let countMax: Int
    private let state: Mutex<State>

    /// Goes on with what is written down.
    init(
        store: any UsageStore, clock: WallClock = WallClock(), countMax: Int = Limits.spendingsMax,
        metrics: FrontMetrics = GatewayMetrics().front
    ) throws(GatewayError) {
        self.store = store
        self.clock = clock
        self.countMax = countMax
        self.metrics = metrics
        state = Mutex(State(spendings: try store.spendings(on: UTCDate(seconds: clock.seconds), countMax: countMax)))
    }

    /// Lets a request in.
    ///
    /// - Parameters:
    ///   - maximum: what it can cost.
    ///   - tokens: what it will probably take, prompt and output.
    /// - Throws: 404 for a model that the key may not ask for, 402 where a budget does not hold it, 429 where it comes too early.
    func open(_ key: APIKey, model: String, maximum: Amount, tokens: UInt64) throws(OpenAIError) -> Bill {
        guard key.terms.allows(model: model) else { throw .modelNotFound(model) }
        let now = clock.nanoseconds()
        let today = UTCDate(seconds: now / WallClock.nanosecondsPerSecond)
        let scope = RequestScope.current
        let refusal: OpenAIError? = state.withLock { state in
            guard var spending = state.spending(of: key.name, on: today, countMax: countMax) else {
                return .rateLimitExceeded(retryAfterSeconds: Limits.retryAfterSeconds)
            }
            spending.update(key.terms, now: now)
            defer {
                state.spendings[key.name] = spending
                scope?.note { [spending] in $0.headers.append(contentsOf: spending.headers) }
            }
            do throws(OpenAIError) { try spending.open(maximum: maximum, tokens: tokens, key.terms) } catch {
                return error
            }
            return nil
        }
        if let refusal { throw refusal }
        let line = Line(key: key.name, date: today, model: model)
        return Bill(maximum: maximum) { [self] fee, usage in
            scope?.note { ($0.fee, $0.promptTokens, $0.outputTokens) = (fee, usage?.prompt, usage?.output) }
            close(line, maximum: maximum, tokens: tokens, fee: fee, usage: usage)
        }
    }

    private func close(_ line: Line, maximum: Amount, tokens: UInt64, fee: Amount, usage: TokenUsage?) {
        let used = usage.map { $0.prompt.clamped(plus: $0.output) } ?? (fee == .zero ? 0 : tokens)
        let entry = Usage(
            requests: 1, promptTokens: usage?.prompt ?? 0, cachedTokens: usage?.cached ?? 0,
            outputTokens: usage?.output ?? 0, fee: fee)
        metrics.used(entry)
        state.withLock { state in
            state.spendings[line.key]?.close(maximum: maximum, tokens: tokens, fee: fee, tokensUsed: used)
            state.unsaved[line] = (state.unsaved[line] ?? Usage()) + entry
        }
    }

    /// Where a key stands now.
    func spending(of name: String) -> Spending {
        let now = UTCDate(seconds: clock.seconds)
        return state.withLock { state in
            var spending = state.spendings[name] ?? Spending(date: now)
            spending.roll(to: now)
            return spending
        }
    }

    /// Writes down what is not written yet; what cannot be written is tried again the next time.
    func save() throws(GatewayError) {
        let lines = state.withLock { state in
            defer { state.unsaved = [:] }
            return state.unsaved
        }
        if lines.isEmpty { return }
        do throws(GatewayError) { try store.add(lines) } catch {
            state.withLock { $0.unsaved.merge(lines) { $0 + $1 } }
            throw error
        }
    }

    /// Saves every second until it is cancelled, and then once more.
    func run(logger: Logger) async {
        var isSaved = true
        while true {
            let isOver = Task.isCancelled
            do throws(GatewayError) {
                try save()
                isSaved = true
            } catch {
                // Said once, however long it lasts.
                if isSaved { logger.warning("usage not written", metadata: ["error": "\(error)"]) }
                isSaved = false
            }
            if isOver { return }
            try? await Task.sleep(for: Limits.usageInterval)
        }
    }

    /// What was used, saved first.
    func lines(_ query: UsageQuery) throws(GatewayError) -> [UsageLine] {
        try save()
        return try store.lines(query)
    }
}

extension Spending {
    /// OpenAI's headers about rates; none where there are no limits.
    fileprivate var headers: HTTPFields {
        var fields = HTTPFields()
        for case (let what, let bucket?) in [("requests", requests), ("tokens", tokens)] {
            fields[.named("X-Ratelimit-Limit-\(what)")] = "\(bucket.capacity)"
            fields[.named("X-Ratelimit-Remaining-\(what)")] = "\(bucket.remaining)"
            fields[.named("X-Ratelimit-Reset-\(what)")] = "\(bucket.millisecondsToFull)ms"
        }
        return fields
    }
}
