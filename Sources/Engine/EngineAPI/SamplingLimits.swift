import ProtocolRules

/// Sampling parameters as the real numbers that the arithmetic uses, and the audit's tighter and looser forms of them.
struct SamplingLimits: Equatable, Sendable {
    var temperature: Double
    /// 1 and more: off.
    var topP: Double
    /// 0 and less: off.
    var minP: Double
    /// 0: off.
    var topK: Int

    init(_ sampling: SamplingParameters) {
        let unit = Double(SamplingParameters.unit)
        temperature = Double(sampling.temperature) / unit
        topP = Double(sampling.topP) / unit
        minP = Double(sampling.minP) / unit
        topK = Int(sampling.topK)
    }

    /// The limits with top-p moved by `topPShift` and min-p scaled by `minPScale`; a limit that is off stays off.
    func moved(topPShift: Double, minPScale: Double) -> SamplingLimits {
        var moved = self
        if topP < 1 { moved.topP = topP + topPShift }
        moved.minP = minP * minPScale
        return moved
    }
}
