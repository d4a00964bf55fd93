/// The table of ARCHITECTURE.md: `| target | kind | may import | from outside |`.
struct DependencyTable {
    static let path = "ARCHITECTURE.md"

    /// What a target is allowed to be made of.
    enum Kind: String, CaseIterable {
        /// Plain Swift: no Foundation, no threads, nothing that suspends; the ledger is built of it.
        case plain
        /// Waits, listens, stores, or computes in floating point.
        case shell
        /// One implementation of a port; only adapters, kits and the executable name it.
        case adapter
        /// C, or a module map of a C library.
        case c
        /// Support for tests.
        case kit
        /// The program: the only place that builds the graph.
        case executable
    }

    struct Row {
        let target: String
        let kind: Kind
        let mayImport: [String]
        let outside: [String]
        let line: Int
    }

    let rows: [Row]
    let findings: [Finding]

    init(file: SourceTree.TextFile) {
        var rows: [Row] = []
        var findings: [Finding] = []
        var isInside = false
        for (index, line) in file.lines.enumerated() {
            let cells = Markdown.cells(of: line)
            if cells.isEmpty { isInside = false }
            if cells.count == 4, cells[0] == "target", cells[1] == "kind" { isInside = true }
            guard isInside, let target = Markdown.codeSpans(in: cells[0]).first else { continue }
            guard cells.count == 4, let kind = Kind(rawValue: cells[1]) else {
                let kinds = Kind.allCases.map(\.rawValue).joined(separator: ", ")
                findings.append(
                    Finding(
                        path: file.path, line: index + 1,
                        message: "not a row of four cells with a kind; write | `Target` | kind | imports | outside |, "
                            + "kind one of \(kinds)"))
                continue
            }
            rows.append(
                Row(
                    target: target, kind: kind, mayImport: Markdown.codeSpans(in: cells[2]),
                    outside: Markdown.codeSpans(in: cells[3]), line: index + 1))
        }
        self.rows = rows
        self.findings = findings
    }
}
