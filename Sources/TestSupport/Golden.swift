import Foundation
import Primitives
import Testing

/// Files under `Tests/Golden` that hold what the network's bytes, hashes and shapes are today.
///
/// A difference means that other nodes, wallets or scripts would stop understanding this build. `make golden-approve`
/// rewrites the files: an explicit approval of that, to be declared in the commit (`Consensus-breaking: yes`).
///
/// Golden tests live in suites or functions with `Golden` in their names: `make golden` selects them by it.
struct Golden {
    /// Bytes on one line of a file that holds bytes.
    private static let bytesPerLine = 32

    /// Where the files are.
    let folder: URL
    /// True where today's results become the approved ones.
    let isApproving: Bool

    /// The files of this repository, approving where `GONKA_GOLDEN_APPROVE` is 1.
    static let ofRepository = Golden(
        folder: URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Tests/Golden", directoryHint: .isDirectory),
        isApproving: ProcessInfo.processInfo.environment["GONKA_GOLDEN_APPROVE"] == "1")

    /// Compares `text` with the approved one; the complaint where they differ or nothing usable is there.
    func complaint(about name: String, text: String) -> String? {
        let file = folder.appending(path: name + ".txt", directoryHint: .notDirectory)
        let actual = text.hasSuffix("\n") ? text : text + "\n"
        do {
            if isApproving { try Golden.write(actual, to: file) }
            let expected = String(decoding: try Data(contentsOf: file), as: UTF8.self)
            return Golden.firstDifference(expected: expected, actual: actual).map { difference in
                "\(name) changed: \(difference). If other nodes and clients are meant to break: make golden-approve"
            }
        } catch {
            let reason = error.localizedDescription
            return "no usable Tests/Golden/\(name).txt (\(reason)); write it with: make golden-approve"
        }
    }

    private static func write(_ text: String, to file: URL) throws {
        let folder = file.deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file, options: .atomic)
    }

    /// Lines of 64 hexadecimal digits, so that a difference in review points at its place.
    static func text(of bytes: Bytes) -> String {
        stride(from: 0, to: bytes.count, by: bytesPerLine).map { start in
            Hex.encode(bytes[start..<min(start + bytesPerLine, bytes.count)]) + "\n"
        }.joined()
    }

    /// The first line where the two texts differ, in words, or nil where they are equal byte for byte.
    static func firstDifference(expected: String, actual: String) -> String? {
        let approved = Array(expected.utf8).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let present = Array(actual.utf8).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let index = (0..<max(approved.count, present.count)).first { index in
            index >= approved.count || index >= present.count || approved[index] != present[index]
        }
        guard let index else { return nil }
        let quoted = { (lines: [ArraySlice<UInt8>]) in
            index < lines.count ? "'\(String(decoding: lines[index], as: UTF8.self))'" : "missing"
        }
        return "line \(index + 1) is \(quoted(present)), approved was \(quoted(approved))"
    }
}

/// Expects `text` to be what `Tests/Golden/<name>.txt` holds.
///
/// - Parameters:
///   - name: a path below `Tests/Golden` without its ending, for example `bank/send`.
///   - text: what this build produces; a last line break is added where it has none.
public func expectGolden(_ name: String, _ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
    guard let complaint = Golden.ofRepository.complaint(about: name, text: text) else { return }
    Issue.record(Comment(rawValue: complaint), sourceLocation: sourceLocation)
}

/// Expects `bytes`, written as lines of hexadecimal digits, to be what `Tests/Golden/<name>.txt` holds.
public func expectGolden(_ name: String, _ bytes: Bytes, sourceLocation: SourceLocation = #_sourceLocation) {
    expectGolden(name, Golden.text(of: bytes), sourceLocation: sourceLocation)
}
