/// Finds the first of a request's stop texts in a stream, and holds back what may still become one.
///
/// Compares Unicode scalars, not characters: "é" in two spellings are two texts. Needs whole characters as input
/// (`CharacterAssembler`).
public struct StopMatcher: Sendable {
    /// The most stop texts of one request, and the most bytes of UTF-8 in each.
    public static let maximumCount = 16
    public static let maximumLength = 256

    private let stops: [[UInt8]]
    /// UTF-8 that was not given out yet: shorter than the longest stop text.
    private var pending: [UInt8] = []
    /// Whether a stop text was found; nothing is given out any more.
    public private(set) var hasStopped = false

    /// - Parameter stops: at most 16 texts of at most 256 bytes; nil for more, or for an empty one.
    public init?(stops: [String]) {
        guard stops.count <= Self.maximumCount,
            stops.allSatisfy({ !$0.isEmpty && $0.utf8.count <= Self.maximumLength })
        else { return nil }
        self.stops = stops.map { Array($0.utf8) }
    }

    /// The text that may be given out now: everything before the earliest stop text, less an end that may begin one.
    public mutating func append(_ text: String) -> String {
        if hasStopped { return "" }
        pending += text.utf8
        if let end = firstStop() {
            hasStopped = true
            return release(end)
        }
        return release(pending.count - heldBackCount())
    }

    /// What was held back, once no more text comes.
    public mutating func finish() -> String { hasStopped ? "" : release(pending.count) }

    /// Where the earliest stop text begins.
    private func firstStop() -> Int? {
        pending.indices.first { start in stops.contains { pending[start...].starts(with: $0) } }
    }

    /// The length of the longest end that is the beginning of a stop text.
    private func heldBackCount() -> Int {
        let longest = min(pending.count, stops.map { $0.count - 1 }.max() ?? 0)
        return stride(from: longest, to: 0, by: -1).first { count in
            stops.contains { $0.count > count && $0.starts(with: pending.suffix(count)) }
        } ?? 0
    }

    private mutating func release(_ count: Int) -> String {
        defer { pending = hasStopped ? [] : Array(pending.dropFirst(count)) }
        return String(decoding: pending.prefix(count), as: UTF8.self)
    }
}
