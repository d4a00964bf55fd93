import ArgumentParser
import Foundation

/// The figures of issue 3 that are computed rather than measured on a model: each by one command, from the code that the ledger
/// runs. `docs/figures` holds the last output of each.
@main
struct Figures: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "Figures", abstract: "What audits find, cost, and never do to an honest host.",
        subcommands: [
            CheatFigures.self, HonestFigures.self, CostFigures.self, SettlementFigures.self, EpochFigures.self,
            AdversaryFigures.self,
        ])
}

/// What a figure was computed for, and where: the head of every output.
enum Heading {
    static func show(_ title: String) {
        print("\(Machine.text)\n\n\(title)\n")
    }

    /// Says how far a long computation is, beside its output.
    static func note(_ progress: String) { FileHandle.standardError.write(Data("\(progress)\n".utf8)) }
}

/// Columns of text, right-aligned, under their names.
func table(_ columns: [String], _ rows: [[String]]) -> String {
    let lines = [columns] + rows
    let widths = columns.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { line in
        let cells = line.indices.map { String(repeating: " ", count: widths[$0] - line[$0].count) + line[$0] }
        return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed()) + "\n"
    }.joined()
}
