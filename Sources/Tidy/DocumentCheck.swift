/// Documents that name what is not there: links, paths, types and functions.
struct DocumentCheck {
    /// Documents whose code names are checked too; ADRs may name what was rejected.
    private static let guides = ["README.md", "ARCHITECTURE.md"]
    private static let guideFolder = "docs/flows/"
    private static let pathEndings = [".swift", ".md", ".txt", ".sh", ".json", ".c", ".h", ".toml", ".yml"]

    private let tree: SourceTree
    private let types: Set<Substring>
    private let members: Set<Substring>

    private init(_ tree: SourceTree) {
        self.tree = tree
        let own = tree.sources.flatMap { $0.typeNames.map(\.name) + $0.imports.map(\.module) }
        let targets = PackageManifest(text: tree.text(at: PackageManifest.path)?.text ?? "").targets
        types = Set(own + targets.flatMap { [$0.name[...]] + $0.products.map { $0[...] } })
        members = Set(tree.sources.flatMap { source in source.memberNames + (source.functions.map(\.name)) })
    }

    static func findings(in tree: SourceTree) -> [Finding] {
        let check = DocumentCheck(tree)
        return tree.texts.filter { $0.path.hasSuffix(".md") }.flatMap { check.findings(in: $0) }
    }

    private func findings(in file: SourceTree.TextFile) -> [Finding] {
        let isGuide = DocumentCheck.guides.contains(file.path) || file.path.hasPrefix(DocumentCheck.guideFolder)
        return Markdown.proseLines(of: file).flatMap { number, line in
            let links = Markdown.linkTargets(in: line).compactMap { brokenLink($0, from: file) }
            let names = isGuide ? Markdown.codeSpans(in: line).compactMap(unknownName) : []
            return (links + names).map { Finding(path: file.path, line: number, message: $0) }
        }
    }

    private func brokenLink(_ link: String, from file: SourceTree.TextFile) -> String? {
        guard !link.contains("://"), !link.hasPrefix("mailto:") else { return nil }
        let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let folder = file.path.split(separator: "/").dropLast()
        let path = parts[0].isEmpty ? file.path : resolve(parts[0], from: Array(folder))
        guard tree.paths.contains(path) || path.isEmpty else {
            return "the link \(link) leads nowhere; point it at a file of this tree, or remove it"
        }
        guard parts.count == 2, let target = tree.text(at: path) else { return nil }
        return Markdown.anchors(of: target).contains(String(parts[1]))
            ? nil : "\(path) has no heading #\(parts[1]); link to one that it has"
    }

    private func resolve(_ link: Substring, from folder: [Substring]) -> String {
        link.split(separator: "/").reduce(into: folder) { parts, part in
            if part == ".." {
                _ = parts.popLast()
            } else if part != "." {
                parts.append(part)
            }
        }.joined(separator: "/")
    }

    /// The complaint about a code span that names a path, a type or a function that is not there.
    private func unknownName(_ span: String) -> String? {
        if DocumentCheck.pathEndings.contains(where: span.hasSuffix), !span.contains(where: { "*<… ".contains($0) }) {
            let isKnown = tree.paths.contains(span) || tree.paths.contains { $0.hasSuffix("/" + span) }
            return isKnown ? nil : "there is no file \(span); name one of this tree"
        }
        if span.hasSuffix("/"), !span.hasPrefix("/"), !span.contains(":") {
            return tree.paths.contains(String(span.dropLast()))
                ? nil : "there is no folder \(span); name one of this tree"
        }
        let name = span.prefix { $0 != "(" }
        guard name.utf8.allSatisfy({ SwiftSource.isWordByte($0) || $0 == UInt8(ascii: ".") }) else { return nil }
        let parts = name.split(separator: ".")
        guard let first = parts.first, let last = parts.last, first.contains(where: \.isLowercase) else { return nil }
        if first.first?.isUppercase == true {
            guard types.contains(first) else { return unknown("type or target", first) }
            return parts.count == 1 || types.contains(last) || members.contains(last) ? nil : unknown("member", last)
        }
        guard span.contains("("), parts.count == 1 else { return nil }
        return members.contains(first) ? nil : unknown("function", first)
    }

    private func unknown(_ kind: String, _ name: Substring) -> String {
        "no \(kind) of this tree is named \(name); name one that is, or write it without backticks"
    }
}
