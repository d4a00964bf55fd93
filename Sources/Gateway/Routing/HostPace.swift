/// How fast one host has lately been with one model, by what this gateway saw: times for each request that it had then, the
/// measured one included, so that a host is not called slow for the requests that one sends it oneself.
///
/// Each figure is a moving average that follows a rise at half its height and a fall at a quarter: who has become slow is found
/// out at once, who was lucky once is not believed at once (the asymmetry of Finagle's *peak EWMA*). One that nothing was added
/// to for a while is forgotten, so that a host that was slow is asked again some day.
struct HostPace: Equatable, Sendable {
    typealias Instant = ContinuousClock.Instant

    private struct Average: Equatable, Sendable {
        var value: Duration
        var at: Instant
    }

    /// By size of the prompt: a long one is not a slow host.
    private var firstToken: [PromptSize: Average] = [:]
    private var interval: Average?

    /// From the request to the first token for each open request, for a prompt of that size or else of the nearest; nil where nothing is known.
    func firstToken(_ size: PromptSize, at now: Instant) -> Duration? {
        if let same = Self.current(firstToken[size], at: now) { return same }
        let nearest = PromptSize.allCases.sorted {
            abs($0.rawValue - size.rawValue) < abs($1.rawValue - size.rawValue)
        }
        return nearest.lazy.compactMap { Self.current(firstToken[$0], at: now) }.first
    }

    /// From one piece of an answer to the next for each open request; nil where nothing is known.
    func interval(at now: Instant) -> Duration? { Self.current(interval, at: now) }

    /// - Parameter openRequests: that the host had besides when it got this one.
    mutating func note(firstToken duration: Duration, _ size: PromptSize, openRequests: Int, at now: Instant) {
        firstToken[size] = Self.adding(duration / (max(0, openRequests) + 1), to: firstToken[size], at: now)
    }

    /// - Parameter openRequests: that the host had besides when it got this one.
    mutating func note(interval duration: Duration, openRequests: Int, at now: Instant) {
        interval = Self.adding(duration / (max(0, openRequests) + 1), to: interval, at: now)
    }

    private static func current(_ average: Average?, at now: Instant) -> Duration? {
        guard let average, now - average.at <= Limits.paceMemory else { return nil }
        return average.value
    }

    private static func adding(_ duration: Duration, to average: Average?, at now: Instant) -> Average {
        guard let old = current(average, at: now) else { return Average(value: duration, at: now) }
        let step = (duration - old) / (duration > old ? 2 : 4)
        return Average(value: old + step, at: now)
    }
}

/// Prompts whose times to a first token can be compared.
enum PromptSize: Int, CaseIterable, Sendable {
    /// Up to 2 KiB of text.
    case short
    /// Up to 16 KiB.
    case medium
    case long

    init(bytes: UInt64) { self = bytes <= 2 << 10 ? .short : bytes <= 16 << 10 ? .medium : .long }
}
