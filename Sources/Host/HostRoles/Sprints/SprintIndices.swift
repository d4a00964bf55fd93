/// Which items of one model and round are to be made next: a pure state machine, shared by all engines that run the model.
///
/// Only a prefix without gaps can be claimed, so an index that came to nothing is the next one given out.
struct SprintIndices: Sendable {
    /// The first index that was never given out.
    private var next: UInt64 = 0
    /// Given out and come back without an item; ascending.
    private var returned: [UInt64] = []

    /// - Parameter done: indices whose items exist already, as after a restart.
    init(done: some Collection<UInt64> = []) {
        guard let last = done.max() else { return }
        let known = Set(done)
        returned = (0..<last).filter { !known.contains($0) }
        next = last + 1
    }

    /// The index to work on.
    mutating func take() -> UInt64 {
        if !returned.isEmpty { return returned.removeFirst() }
        defer { next += 1 }
        return next
    }

    /// Nothing came of an index.
    mutating func giveBack(_ index: UInt64) {
        returned.insert(index, at: returned.firstIndex { $0 > index } ?? returned.endIndex)
    }
}
