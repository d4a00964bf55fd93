/// The few things of Markdown that the checks read.
enum Markdown {
    /// The trimmed cells of a table row; empty for any other line.
    static func cells(of line: Substring) -> [String] {
        guard line.hasPrefix("|"), line.hasSuffix("|"), line.count > 1 else { return [] }
        return line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false).map(trimmed)
    }

    /// What stands between single backticks.
    static func codeSpans(in line: some StringProtocol) -> [String] {
        line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }

    /// The lines outside fenced blocks, numbered from 1.
    static func proseLines(of file: SourceTree.TextFile) -> [(number: Int, line: Substring)] {
        var isFenced = false
        return file.lines.enumerated().compactMap { index, line in
            if line.drop(while: { $0 == " " }).hasPrefix("```") {
                isFenced.toggle()
                return nil
            }
            return isFenced ? nil : (index + 1, line)
        }
    }

    /// The targets of inline links and images.
    static func linkTargets(in line: Substring) -> [String] {
        line.ranges(of: "](").map { range in
            String(line[range.upperBound...].prefix { $0 != ")" && $0 != " " })
        }
    }

    /// The anchors of a file's headings, as code hosts make them.
    static func anchors(of file: SourceTree.TextFile) -> Set<String> {
        Set(
            proseLines(of: file).filter { $0.line.hasPrefix("#") }.map { heading in
                let title = trimmed(heading.line.drop { $0 == "#" }).lowercased()
                return String(
                    title.compactMap { $0 == " " ? "-" : $0.isLetter || $0.isNumber || "-_".contains($0) ? $0 : nil })
            })
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0 == " " }
        return String(start.reversed().drop { $0 == " " }.reversed())
    }
}
