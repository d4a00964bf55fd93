/// What no file should carry: paths of one machine, stray white space, large blobs, half-merged text.
struct HygieneCheck {
    static let byteCountMax = 1 << 20
    private static let machineFolders = ["work", "root", "home", "Users", "tmp"]

    static func findings(in tree: SourceTree) -> [Finding] {
        let large = tree.sizes.filter { $0.value > byteCountMax }.map { path, size in
            Finding(
                path: path, line: 0,
                message: "\(size) bytes, over 1 MiB; generate it in a test, or let `make setup` fetch it")
        }
        return large + tree.texts.flatMap(findings)
    }

    private static func findings(in file: SourceTree.TextFile) -> [Finding] {
        var findings = file.lines.enumerated().flatMap { index, line in
            complaints(about: line, in: file.path).map { Finding(path: file.path, line: index + 1, message: $0) }
        }
        if let last = file.lines.last, !last.isEmpty {
            findings.append(
                Finding(path: file.path, line: file.lines.count, message: "end the file with one line break"))
        }
        return findings
    }

    private static func complaints(about line: Substring, in path: String) -> [String] {
        var complaints: [String] = []
        if line.last == " " || line.last == "\t" { complaints.append("remove the white space at the end of the line") }
        if line.last == "\r" { complaints.append("end lines with a line feed alone") }
        if path.hasSuffix(".swift"), line.utf8.contains(UInt8(ascii: "\t")) {
            complaints.append("indent with four spaces, not tabs")
        }
        if line.hasPrefix("<<<<<<< ") || line.hasPrefix(">>>>>>> ") { complaints.append("finish the merge") }
        if !path.hasPrefix("Sources/Tidy/"), let folder = machinePath(in: line) {
            complaints.append(
                "/\(folder) exists on one machine only; build the path from the repository or the environment")
        }
        return complaints
    }

    /// The first folder of an absolute path that only one machine has.
    private static func machinePath(in line: Substring) -> String? {
        guard line.utf8.contains(UInt8(ascii: "/")) else { return nil }
        return machineFolders.first { folder in
            line.ranges(of: "/" + folder).contains { range in
                let before = line[..<range.lowerBound].last
                let after = line[range.upperBound...].first
                let isStart = before == nil || " \t\"'`(=:,[".contains(before ?? " ")
                return isStart && after == "/"
            }
        }
    }
}
