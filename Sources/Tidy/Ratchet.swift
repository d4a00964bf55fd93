/// The sizes that were too large when they were written down. A line may shrink or go, never grow or come back.
///
/// Format, one line each: `file PATH LINES`, `function PATH NAME LINES`, `unchecked PATH COUNT`.
struct Ratchet {
    static let path = "Sources/Tidy/ratchet.txt"
    static let header = """
        # Sizes over the limits of tidy, as they are today. Lines only shrink or go: split the code, then run
        # `make tidy-tighten`. A new line here needs a reviewer who agrees that the alternative is worse.
        """

    struct Entry: Hashable, Comparable {
        let kind: String
        let subject: String

        static func < (left: Entry, right: Entry) -> Bool { (left.kind, left.subject) < (right.kind, right.subject) }
    }

    let allowed: [Entry: (size: Int, line: Int)]

    init(text: String) {
        var allowed: [Entry: (size: Int, line: Int)] = [:]
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.split(separator: " ")
            guard !line.hasPrefix("#"), words.count >= 3, let size = Int(words[words.count - 1]) else { continue }
            let subject = words[1..<(words.count - 1)].joined(separator: " ")
            allowed[Entry(kind: String(words[0]), subject: subject)] = (size, index + 1)
        }
        self.allowed = allowed
    }

    /// What is too large now, against what was written down.
    func findings(for measured: [Entry: (size: Int, finding: Finding)]) -> [Finding] {
        let grown = measured.compactMap { entry, found in
            guard let known = allowed[entry] else { return found.finding }
            guard found.size > known.size else { return nil }
            return Finding(
                path: found.finding.path, line: found.finding.line,
                message: found.finding.message + " (the ratchet holds it at \(known.size))")
        }
        let loose = allowed.filter { (measured[$0.key]?.size ?? 0) < $0.value.size }.map { entry, known in
            Finding(
                path: Ratchet.path, line: known.line,
                message: "\(entry.subject) is smaller than \(known.size) now; run `make tidy-tighten`")
        }
        return grown + loose
    }

    /// The file's text with every line lowered to what is measured; nothing is added.
    func tightened(to measured: [Entry: (size: Int, finding: Finding)]) -> String {
        let lines = allowed.keys.sorted().compactMap { entry -> String? in
            guard let size = measured[entry]?.size, let known = allowed[entry]?.size else { return nil }
            return "\(entry.kind) \(entry.subject) \(min(size, known))"
        }
        return ([Ratchet.header] + lines).joined(separator: "\n") + "\n"
    }
}
