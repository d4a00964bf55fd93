/// Tells on standard error what has been done and how long it took.
final class Steps {
    private let clock = ContinuousClock()
    private var last: ContinuousClock.Instant

    init() { last = clock.now }

    func done(_ what: String) {
        let now = clock.now
        StandardError.write("  \(what): \(Self.seconds(last.duration(to: now)))\n")
        last = now
    }

    /// For example `1.24 s`.
    static func seconds(_ duration: Duration) -> String {
        let milliseconds = duration.components.seconds * 1_000 + duration.components.attoseconds / 1_000_000_000_000_000
        let hundredths = String((milliseconds + 5) / 10 % 100)
        return "\((milliseconds + 5) / 1_000).\(hundredths.count < 2 ? "0" : "")\(hundredths) s"
    }
}
