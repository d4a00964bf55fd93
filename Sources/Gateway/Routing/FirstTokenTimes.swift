/// The last times to a first token of one model's prompts of one size, of all hosts together, and what is late by them.
struct FirstTokenTimes: Equatable, Sendable {
    /// The newest at `next - 1`, cyclic once it is full.
    private var times: [Duration] = []
    private var next = 0
    /// The same, ascending: every request asks for a percentile.
    private var sorted: [Duration] = []

    mutating func note(_ duration: Duration) {
        if times.count < Limits.firstTokenTimesMax {
            times.append(duration)
        } else {
            sorted.remove(at: place(of: times[next]))
            times[next] = duration
        }
        sorted.insert(duration, at: place(of: duration))
        next = (next + 1) % Limits.firstTokenTimesMax
    }

    /// Where the first that is not shorter is in `sorted`, or its end.
    private func place(of duration: Duration) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < duration { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// What a request waits for its first token before a second host may be asked: the 95th percentile, at least a floor, and
    /// long where too little is known.
    var hedgeDelay: Duration {
        guard times.count >= Limits.firstTokenTimesMin else { return Limits.hedgeDelayUnknown }
        return max(sorted[(sorted.count * 95 - 1) / 100], Limits.hedgeDelayMin)
    }
}
