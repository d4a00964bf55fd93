/// One thing that is not tidy: where, what, and what to do instead.
struct Finding: Comparable {
    let path: String
    /// From 1; 0 where the whole file is meant.
    let line: Int
    let message: String

    static func < (left: Finding, right: Finding) -> Bool {
        (left.path, left.line, left.message) < (right.path, right.line, right.message)
    }

    var description: String { line == 0 ? "\(path): \(message)" : "\(path):\(line): \(message)" }
}
