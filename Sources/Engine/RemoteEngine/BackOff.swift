/// How long a node that did not answer is left alone: a quarter of a second, twice as long each time, ten seconds at most.
///
/// Failures of requests that were under way together count once.
struct BackOff: Sendable {
    static let first = Duration.milliseconds(250)
    static let longest = Duration.seconds(10)

    private let shortest: Duration
    private var delay: Duration
    private var until: ContinuousClock.Instant?

    /// - Parameter shortest: after the first failure; another one for tests.
    init(shortest: Duration = first) {
        self.shortest = shortest
        delay = shortest
    }

    /// How long to wait from `now`; nil where the node may be asked.
    func remaining(at now: ContinuousClock.Instant) -> Duration? {
        guard let until, now < until else { return nil }
        return until - now
    }

    mutating func noteFailure(at now: ContinuousClock.Instant) {
        guard remaining(at: now) == nil else { return }
        until = now + delay
        delay = min(delay * 2, Self.longest)
    }

    mutating func noteAnswer() { self = BackOff(shortest: shortest) }
}
