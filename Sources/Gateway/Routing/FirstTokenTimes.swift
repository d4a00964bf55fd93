/// The last times to a first token of one model's prompts of one size, of all hosts together, and what is late by them.
struct FirstTokenTimes: Equatable, Sendable {
    /// The newest at `next - 1`, cyclic once it is full.
    private var times: [Duration] = []
    private var next = 0

    mutating func note(_ duration: Duration) {
        if times.count < Limits.firstTokenTimesMax { times.append(duration) } else { times[next] = duration }
        next = (next + 1) % Limits.firstTokenTimesMax
    }

    /// What a request waits for its first token before a second host may be asked: the 95th percentile, at least a floor, and
    /// long where too little is known.
    var hedgeDelay: Duration {
        guard times.count >= Limits.firstTokenTimesMin else { return Limits.hedgeDelayUnknown }
        let sorted = times.sorted()
        return max(sorted[(sorted.count * 95 - 1) / 100], Limits.hedgeDelayMin)
    }
}
