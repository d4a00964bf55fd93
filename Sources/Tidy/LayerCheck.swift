/// Compares three statements about who may import whom: the table in ARCHITECTURE.md, the declarations in
/// Package.swift, and the import lines of the sources.
///
/// SwiftPM alone lets a target import an undeclared sibling whenever the build happens to find it.
struct LayerCheck {
    /// Modules that a plain target may never import: each brings threads, clocks, files or unordered surprises.
    static let shellModules: Set<String> = [
        "Foundation", "FoundationEssentials", "Dispatch", "Synchronization", "Glibc", "Musl", "Darwin", "Observation",
        "_Concurrency",
    ]
    /// The state machine is linked where blocks are executed; everyone else asks it through proofs and queries.
    static let ledgerTarget = "Ledger"
    /// Importable everywhere.
    private static let always: Set<String> = ["Swift"]
    /// Importable by whatever runs under the test runner.
    private static let testModules: Set<String> = [
        "Testing", "Foundation", "FoundationEssentials", "Dispatch", "Synchronization",
    ]

    private let tree: SourceTree
    private let manifest: PackageManifest
    private let table: DependencyTable
    private let rows: [String: DependencyTable.Row]
    private let names: Set<String>

    init?(_ tree: SourceTree) {
        guard let package = tree.text(at: PackageManifest.path), let page = tree.text(at: DependencyTable.path) else {
            return nil
        }
        self.tree = tree
        manifest = PackageManifest(text: package.text)
        table = DependencyTable(file: page)
        rows = Dictionary(table.rows.map { ($0.target, $0) }) { first, _ in first }
        names = Set(manifest.targets.map(\.name))
    }

    static func findings(in tree: SourceTree) -> [Finding] {
        guard let check = LayerCheck(tree) else {
            return [
                Finding(
                    path: DependencyTable.path, line: 0,
                    message: "tidy needs \(PackageManifest.path) and \(DependencyTable.path) at the root; restore them")
            ]
        }
        return check.table.findings + check.staleRows() + check.manifest.targets.flatMap(check.findings(for:))
    }

    private func staleRows() -> [Finding] {
        table.rows.filter { !names.contains($0.target) }.map {
            Finding(
                path: DependencyTable.path, line: $0.line,
                message: "Package.swift declares no target \($0.target); remove the row, or declare the target")
        }
    }

    private func findings(for target: PackageManifest.Target) -> [Finding] {
        let imports = importedModules(of: target)
        if target.isTest { return undeclaredImports(of: target, imports: imports, outside: LayerCheck.testModules) }
        guard let row = rows[target.name] else { return [missingRow(for: target, imports: imports)] }
        guard row.kind != .c else { return [] }
        return differences(between: row, and: target) + kindFindings(row: row)
            + undeclaredImports(of: target, imports: imports, outside: Set(row.outside))
            + unusedDeclarations(of: target, row: row, imports: imports)
    }

    private func importedModules(of target: PackageManifest.Target) -> [String: (path: String, line: Int)] {
        var modules: [String: (path: String, line: Int)] = [:]
        for source in tree.sources where source.path.hasPrefix(target.folder + "/") {
            for (module, line) in source.imports where modules[String(module)] == nil {
                modules[String(module)] = (source.path, line)
            }
        }
        return modules
    }

    private func missingRow(
        for target: PackageManifest.Target, imports: [String: (path: String, line: Int)]
    ) -> Finding {
        let list = { (names: [String]) in names.isEmpty ? "–" : names.map { "`\($0)`" }.joined(separator: " ") }
        let outside = imports.keys.filter { !names.contains($0) }.sorted()
        return Finding(
            path: PackageManifest.path, line: target.line,
            message: "\(target.name) has no row in \(DependencyTable.path); add "
                + "| `\(target.name)` | shell | \(list(target.dependencies)) | \(list(outside)) | with the right kind")
    }

    private func differences(between row: DependencyTable.Row, and target: PackageManifest.Target) -> [Finding] {
        let allowed = Set(row.mayImport)
        let declared = Set(target.dependencies)
        let beyond = declared.subtracting(allowed).sorted().map {
            Finding(
                path: PackageManifest.path, line: target.line,
                message: "\(target.name) declares \($0), which its row in \(DependencyTable.path) does not allow; "
                    + "drop it, or argue for the arrow in the table")
        }
        let products = Set(target.products).subtracting(row.outside).sorted().map {
            Finding(
                path: PackageManifest.path, line: target.line,
                message: "\(target.name) declares the product \($0), which its row in \(DependencyTable.path) does not "
                    + "list under 'from outside'; drop it, or add it there")
        }
        let missing = allowed.subtracting(declared).sorted().map {
            Finding(
                path: DependencyTable.path, line: row.line,
                message: "\(target.name) may import \($0) here but does not declare it in Package.swift; remove it")
        }
        return beyond + products + missing
    }

    private func kindFindings(row: DependencyTable.Row) -> [Finding] {
        var reasons: [String] = []
        for name in row.mayImport {
            guard let other = rows[name] else { continue }
            if row.kind == .plain, other.kind != .plain, other.kind != .c {
                reasons.append("is plain and may not import \(name), a \(other.kind.rawValue)")
            }
            if other.kind == .adapter, row.kind == .shell {
                reasons.append("may not name the adapter \(name): take the port it implements")
            }
        }
        if row.kind == .plain {
            for module in row.outside where LayerCheck.shellModules.contains(module) || module.hasPrefix("NIO") {
                reasons.append("is plain and may not import \(module): hand in what it needs as a value")
            }
        }
        if row.kind == .plain || row.kind == .shell || row.kind == .adapter, row.target != LayerCheck.ledgerTarget,
            reaches(LayerCheck.ledgerTarget, from: row.target)
        {
            reasons.append("reaches Ledger: only the executable, kits and tests link the state machine")
        }
        return reasons.map {
            Finding(path: DependencyTable.path, line: row.line, message: "\(row.target) \($0)")
        }
    }

    private func reaches(_ goal: String, from start: String) -> Bool {
        var seen: Set<String> = []
        var open = [start]
        while let name = open.popLast() {
            for next in rows[name]?.mayImport ?? [] where seen.insert(next).inserted { open.append(next) }
        }
        return seen.contains(goal)
    }

    private func undeclaredImports(
        of target: PackageManifest.Target, imports: [String: (path: String, line: Int)], outside: Set<String>
    ) -> [Finding] {
        let declared = Set(target.dependencies + target.products).union(outside).union(LayerCheck.always)
        return imports.filter { !declared.contains($0.key) && $0.key != target.name }.map { module, place in
            return Finding(
                path: place.path, line: place.line,
                message: "\(target.name) may not import \(module); \(remedy(for: module, in: target))")
        }
    }

    private func remedy(for module: String, in target: PackageManifest.Target) -> String {
        if names.contains(module) {
            return "go through a port, or argue for the arrow in Package.swift and in \(DependencyTable.path)"
        }
        if target.isTest { return "declare it with external(…) in Package.swift, or do without" }
        if rows[target.name]?.kind == .plain { return "take what it gives as a value, or move the code to a shell" }
        return "do without, or list it under 'from outside' in \(DependencyTable.path)"
    }

    private func unusedDeclarations(
        of target: PackageManifest.Target, row: DependencyTable.Row, imports: [String: (path: String, line: Int)]
    ) -> [Finding] {
        let unused = (target.dependencies + target.products).filter { imports[$0] == nil }
        let declarations =
            unused.isEmpty
            ? []
            : [
                Finding(
                    path: PackageManifest.path, line: target.line,
                    message:
                        "\(target.name) never imports \(unused.joined(separator: ", ")); remove the declaration here and "
                        + "in its row in \(DependencyTable.path)")
            ]
        let modules = row.outside.filter { imports[$0] == nil && !target.products.contains($0) }.map {
            Finding(
                path: DependencyTable.path, line: row.line,
                message: "\(target.name) never imports \($0); remove it from the row")
        }
        return declarations + modules
    }
}

extension SourceTree {
    /// The folders of the targets of kind plain, each with its closing slash.
    var plainFolders: [String] {
        guard let package = text(at: PackageManifest.path), let page = text(at: DependencyTable.path) else { return [] }
        let plain = Set(DependencyTable(file: page).rows.filter { $0.kind == .plain }.map(\.target))
        return PackageManifest(text: package.text).targets.filter { plain.contains($0.name) }.map { $0.folder + "/" }
    }
}
