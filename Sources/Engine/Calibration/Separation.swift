/// How well one number tells cheats from honest work: the area under the curve of all thresholds (ROC), which is the
/// probability that a random cheat's number is the larger one, ties counting half.
public struct Separation: Sendable, Equatable {
    public let area: Double
    private let honestCount: Int
    private let cheatCount: Int

    public init(honest: Distribution, cheats: [Double]) {
        let halves = cheats.reduce(0) { sum, value in
            let (below, equal) = honest.position(of: value)
            return sum + 2 * below + equal
        }
        self.init(
            area: honest.count > 0 && !cheats.isEmpty
                ? Double(halves) / Double(2 * honest.count * cheats.count) : 0.5,
            honestCount: honest.count, cheatCount: cheats.count)
    }

    init(area: Double, honestCount: Int, cheatCount: Int) {
        self.area = area
        self.honestCount = honestCount
        self.cheatCount = cheatCount
    }

    /// 95 % bounds: Newcombe's score interval (Statistics in Medicine 25:559, 2006, method 5), the areas θ for which
    /// |area − θ| ≤ 1.96 · √V(θ) with Hanley and McNeil's variance. Unlike the usual one it does not shrink to a point
    /// where the two samples do not overlap.
    public var bounds: (low: Double, high: Double) {
        guard honestCount > 0, cheatCount > 0 else { return (0, 1) }
        return (crossing(from: area, to: 0), crossing(from: area, to: 1))
    }

    /// The farthest area towards `end` that the sample does not contradict.
    private func crossing(from start: Double, to end: Double) -> Double {
        var (inside, outside) = (start, end)
        if agrees(end) { return end }
        for _ in 0..<50 {
            let middle = (inside + outside) / 2
            if agrees(middle) { inside = middle } else { outside = middle }
        }
        return inside
    }

    private func agrees(_ theta: Double) -> Bool {
        let difference = area - theta
        return difference * difference <= Separation.deviation * Separation.deviation * variance(theta)
    }

    private func variance(_ theta: Double) -> Double {
        let (honest, cheats) = (Double(honestCount), Double(cheatCount))
        let others = (honest + cheats) / 2 - 1
        let spread = 1 + others * (1 - theta) / (2 - theta) + others * theta / (1 + theta)
        return theta * (1 - theta) * spread / (honest * cheats)
    }

    /// Of the normal distribution, for 95 %.
    private static let deviation = 1.959_964
}
