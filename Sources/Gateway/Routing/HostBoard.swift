import Cryptography
import Primitives

/// What a gateway has seen of hosts, by host and model, across sessions: standing, pace, and what is late. Bounded: of too many
/// the one goes that was touched longest ago.
struct HostBoard: Sendable {
    typealias Instant = ContinuousClock.Instant

    struct Key: Hashable, Sendable {
        let host: Address
        let model: String
    }

    struct Entry: Sendable {
        var standing = HostStanding()
        var pace = HostPace()
        /// What needs so much context was too long for it, as it said, and not for another.
        fileprivate var tooLong: (bytes: UInt64, ends: Instant)?

        /// What needs so much context is too long for it; nil where that is not known.
        func contextBytesTooMany(at now: Instant) -> UInt64? {
            tooLong.flatMap { $0.ends > now ? $0.bytes : nil }
        }
        fileprivate var touched: Instant
    }

    private struct TimesKey: Hashable, Sendable {
        let model: String
        let size: PromptSize
    }

    private var entries: [Key: Entry] = [:]
    private var times: [TimesKey: FirstTokenTimes] = [:]

    /// nil where nothing is known of it.
    subscript(key: Key) -> Entry? { entries[key] }

    /// How many hosts, each with one model, something is known of.
    var count: Int { entries.count }

    /// How long a request waits before a second host may be asked.
    func hedgeDelay(_ model: String, _ size: PromptSize) -> Duration {
        times[TimesKey(model: model, size: size)]?.hedgeDelay ?? Limits.hedgeDelayUnknown
    }

    mutating func note(_ conduct: HostConduct, of key: Key, at now: Instant) {
        change(key, at: now) { entry in
            switch conduct {
            case .unknown: break
            case .good: entry.standing.noteAnswer()
            case .failed: entry.standing.noteFailure(at: now)
            case .suspect(let digest): entry.standing.noteSuspicion(of: digest, at: now)
            case .busy(let seconds): entry.standing.noteLoad(at: now, retryAfterSeconds: seconds)
            case .missed: entry.standing.noteMiss(at: now)
            case .tooLong(let bytes):
                entry.tooLong = (min(bytes, entry.contextBytesTooMany(at: now) ?? bytes), now + Limits.tooLongMemory)
            }
        }
    }

    /// A first token came.
    ///
    /// - Parameter openRequests: that the host had besides when it got this one; so below.
    mutating func note(
        firstToken duration: Duration, _ size: PromptSize, openRequests: Int, of key: Key, at now: Instant
    ) {
        change(key, at: now) { $0.pace.note(firstToken: duration, size, openRequests: openRequests, at: now) }
        let timesKey = TimesKey(model: key.model, size: size)
        guard times[timesKey] != nil || times.count < Limits.boardModelsMax else { return }
        times[timesKey, default: FirstTokenTimes()].note(duration)
    }

    /// No first token came for so long, another host was faster, and it was not waited for any more. That says how slow the host
    /// is at least, and nothing of what is late for others. Where it happens again before the host has answered anything, it
    /// does not answer.
    mutating func note(silence duration: Duration, _ size: PromptSize, on digest: Hash32, of key: Key, at now: Instant)
    {
        change(key, at: now) { entry in
            entry.pace.note(firstToken: duration, size, openRequests: 0, at: now)
            entry.standing.noteSuspicion(of: digest, at: now)
        }
    }

    mutating func note(interval duration: Duration, openRequests: Int, of key: Key, at now: Instant) {
        change(key, at: now) { $0.pace.note(interval: duration, openRequests: openRequests, at: now) }
    }

    private mutating func change(_ key: Key, at now: Instant, _ body: (inout Entry) -> Void) {
        if entries[key] == nil, entries.count >= Limits.boardHostsMax,
            let oldest = entries.min(by: { $0.value.touched < $1.value.touched })?.key
        {
            entries[oldest] = nil
        }
        var entry = entries[key] ?? Entry(touched: now)
        entry.touched = now
        body(&entry)
        entries[key] = entry
    }
}
