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
        /// Those that are in use; others are read when they are asked for.
        var spendings: [String: Spending] = [:]
        /// What was added since the last writing.
        var unsaved: [Line: Usage] = [:]
        /// What is being written now.
        var saving: [Line: Usage] = [:]

        /// Makes room: lets go of keys without open requests or spending of this day, if all of theirs is written down, so that
        /// it is read again when it is needed.
        mutating func letGo(before today: UTCDate) {
            let unwritten = Set(unsaved.keys.map(\.key)).union(saving.keys.map(\.key))
            spendings = spendings.filter { !$0.value.isIdle(on: today) || unwritten.contains($0.key) }
        }
    }

    private let store: any UsageStore
    private let clock: WallClock
    private let metrics: FrontMetrics
    private let countMax: Int
    private let state: Mutex<State>
    /// One writing at a time.
    private let writing = Mutex(())

    /// Goes on with what is written down.
    init(
        store: any UsageStore, clock: WallClock = WallClock(), countMax: Int = Limits.spendingsMax,
        metrics: FrontMetrics = GatewayMetrics().front
    ) throws(GatewayError) {
        self.store = store
        self.clock = clock
        self.countMax = countMax
        self.metrics = metrics
        state = Mutex(State())
        try store.fold(on: UTCDate(seconds: clock.seconds))
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
        try change(key.name, on: today) { (spending) throws(OpenAIError) in
            spending.update(key.terms, now: now)
            defer { scope?.note { [spending] in $0.headers.append(contentsOf: spending.headers) } }
            try spending.open(maximum: maximum, tokens: tokens, key.terms)
        }
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

    /// Changes what a key has spent; a key that is not in use is read first.
    ///
    /// - Throws: 429 where too many are in use, 503 where it cannot be read, and what `change` throws.
    private func change(
        _ name: String, on today: UTCDate, _ change: (inout Spending) throws(OpenAIError) -> Void
    ) throws(OpenAIError) {
        var start: Spending?
        while true {
            // Nil where it has to be read: whoever makes room may let go of it at any time.
            let result: Result<Void, OpenAIError>? = state.withLock { state in
                guard var spending = state.spendings[name] ?? start else { return nil }
                defer { state.spendings[name] = spending }
                do throws(OpenAIError) { return .success(try change(&spending)) } catch { return .failure(error) }
            }
            if let result { return try result.get() }
            start = try stored(name, on: today)
        }
    }

    /// Where a key stands that is not in use.
    private func stored(_ name: String, on today: UTCDate) throws(OpenAIError) -> Spending {
        do throws(GatewayError) {
            let isFull = state.withLock { $0.spendings.count >= countMax }
            if isFull { try save() }
            let hasRoom = state.withLock { state in
                if isFull { state.letGo(before: today) }
                return state.spendings.count < countMax
            }
            if hasRoom { return try store.spending(of: name, on: today) }
        } catch {
            throw .overloaded(retryAfterSeconds: Limits.retryAfterSeconds)
        }
        throw .rateLimitExceeded(retryAfterSeconds: Limits.retryAfterSeconds)
    }

    /// Where a key stands now.
    ///
    /// - Throws: where it is not in use and cannot be read.
    func spending(of name: String) throws(GatewayError) -> Spending {
        let now = UTCDate(seconds: clock.seconds)
        guard var spending = state.withLock({ $0.spendings[name] }) else {
            return try store.spending(of: name, on: now)
        }
        spending.roll(to: now)
        return spending
    }

    /// Writes down what is not written yet; what cannot be written is tried again the next time.
    func save() throws(GatewayError) {
        let result: Result<Void, GatewayError> = writing.withLock { _ in
            let lines = state.withLock { state in
                swap(&state.saving, &state.unsaved)
                return state.saving
            }
            defer { state.withLock { $0.saving = [:] } }
            if lines.isEmpty { return .success(()) }
            do throws(GatewayError) { try store.add(lines) } catch {
                state.withLock { $0.unsaved.merge(lines) { $0 + $1 } }
                return .failure(error)
            }
            return .success(())
        }
        try result.get()
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
