import Cryptography
import OpenAIWire
import Primitives
import Synchronization

/// The signatures that were used, for as long as their timestamps would pass: each is taken once.
///
/// It is bounded by refusing what it cannot remember, never by forgetting what it should. Nothing survives the process, so
/// what was signed before its start is too old.
final class ReplayMemory: Sendable {
    private struct State {
        /// By the second of their timestamps.
        var used: [UInt64: Set<Hash32>] = [:]
        var count = 0
        /// Nothing signed before this second is known any more; it never goes back, whatever the clock does.
        var floor: UInt64

        mutating func forget(before second: UInt64) {
            guard second > floor else { return }
            floor = second
            for old in used.keys where old < second { count -= used.removeValue(forKey: old)?.count ?? 0 }
        }
    }

    private let clock: WallClock
    private let countMax: Int
    private let state: Mutex<State>

    init(clock: WallClock, countMax: Int = Limits.signaturesRememberedMax) {
        self.clock = clock
        self.countMax = countMax
        state = Mutex(State(floor: clock.seconds))
    }

    /// Takes note of a signature that was verified.
    ///
    /// - Throws: `.timestampTooOld`, `.timestampInFuture`, `.requestReplayed`, and 503 where it cannot be remembered.
    func use(_ signature: RequestSignature) throws(OpenAIError) {
        let now = clock.nanoseconds()
        if now > signature.nanoseconds, now - signature.nanoseconds > Limits.signatureAgeMax { throw .timestampTooOld }
        if signature.nanoseconds > now, signature.nanoseconds - now > Limits.signatureAdvanceMax {
            throw .timestampInFuture
        }
        let name = Hash32.sha256(signature.signature.compact)
        let second = signature.nanoseconds / WallClock.nanosecondsPerSecond
        let oldest = (now - min(now, Limits.signatureAgeMax)) / WallClock.nanosecondsPerSecond
        let refusal: OpenAIError? = state.withLock { state in
            state.forget(before: oldest)
            if second < state.floor { return .timestampTooOld }
            if state.used[second]?.contains(name) ?? false { return .requestReplayed }
            guard state.count < countMax else { return .overloaded(retryAfterSeconds: Limits.retryAfterSeconds) }
            state.used[second, default: []].insert(name)
            state.count += 1
            return nil
        }
        if let refusal { throw refusal }
    }

    /// How many are remembered now.
    var count: Int { state.withLock { $0.count } }
}
