// tidy: the rules of this tree that a compiler does not check. `make tidy` builds and runs it.
//
//   tidy [ROOT]             checks the tree, prints path:line: message, exits 1 where anything is found
//   tidy --tighten [ROOT]   lowers the ratchet to today's sizes
//   tidy --self-test        checks the checks on small inputs
import Foundation

let arguments = CommandLine.arguments.dropFirst()
let root = arguments.first { !$0.hasPrefix("--") } ?? "."

/// Every check, in the order of the questions a reviewer asks.
let checks: [(SourceTree) -> [Finding]] = [
    LayerCheck.findings, TokenCheck.findings, OrderCheck.findings, NameCheck.findings, SizeCheck.findings,
    DocumentCheck.findings,
    HygieneCheck.findings, ExpectationCheck.findings,
]

func report(_ findings: [Finding], in tree: SourceTree) -> Int32 {
    for finding in findings.sorted() { print(finding.description) }
    print(
        findings.isEmpty
            ? "tidy: \(tree.texts.count) files, nothing to say" : "tidy: \(findings.count) thing(s) to put right")
    return findings.isEmpty ? 0 : 1
}

func tighten(_ tree: SourceTree, root: String) throws {
    let ratchet = Ratchet(text: tree.text(at: Ratchet.path)?.text ?? "")
    let text = ratchet.tightened(to: SizeCheck.measure(tree))
    try text.write(toFile: root + "/" + Ratchet.path, atomically: true, encoding: .utf8)
    print("tidy: wrote \(Ratchet.path)")
}

do {
    if arguments.contains("--self-test") {
        exit(SelfTest.run())
    }
    let tree = try SourceTree(root: root)
    if arguments.contains("--tighten") {
        try tighten(tree, root: root)
        exit(0)
    }
    exit(report(checks.flatMap { $0(tree) }, in: tree))
} catch {
    FileHandle.standardError.write(Data("tidy: \(error)\n".utf8))
    exit(2)
}
