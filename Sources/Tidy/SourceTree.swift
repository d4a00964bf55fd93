import Foundation

/// The files that git tracks or would track, read once.
struct SourceTree {
    struct TextFile {
        let path: String
        let text: String
        let lines: [Substring]

        init(path: String, text: String) {
            self.path = path
            self.text = text
            lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        }
    }

    /// In order of path.
    let texts: [TextFile]
    let sources: [SwiftSource]
    /// Bytes by path, of every file, text or not.
    let sizes: [String: Int]
    /// Every file and every folder that holds one.
    let paths: Set<String>

    /// A tree of the given texts; the self-test uses it.
    init(_ files: [String: String]) {
        self.init(texts: files.map { TextFile(path: $0.key, text: $0.value) }, sizes: files.mapValues(\.utf8.count))
    }

    /// Reads the working tree at `root`, without what git ignores.
    init(root: String) throws {
        var texts: [TextFile] = []
        var sizes: [String: Int] = [:]
        for path in try SourceTree.listFiles(in: root) {
            guard let data = FileManager.default.contents(atPath: root + "/" + path) else { continue }
            sizes[path] = data.count
            if let text = String(data: data, encoding: .utf8) { texts.append(TextFile(path: path, text: text)) }
        }
        self.init(texts: texts, sizes: sizes)
    }

    private init(texts: [TextFile], sizes: [String: Int]) {
        self.texts = texts.sorted { $0.path < $1.path }
        self.sizes = sizes
        sources = self.texts.filter { $0.path.hasSuffix(".swift") }.map { SwiftSource(path: $0.path, text: $0.text) }
        paths = sizes.keys.reduce(into: []) { paths, path in
            var parent = path[...]
            paths.insert(path)
            while let slash = parent.lastIndex(of: "/") {
                parent = parent[..<slash]
                paths.insert(String(parent))
            }
        }
    }

    func text(at path: String) -> TextFile? { texts.first { $0.path == path } }

    private static func listFiles(in root: String) throws -> [String] {
        let git = Process()
        let output = Pipe()
        git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        git.arguments = ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        git.standardOutput = output
        try git.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        git.waitUntilExit()
        guard git.terminationStatus == 0 else { throw TreeError.notAClone(root) }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\0").map(String.init)
    }
}

enum TreeError: Error, CustomStringConvertible {
    case notAClone(String)

    var description: String {
        switch self {
        case .notAClone(let root): "git does not list the files of \(root); run tidy inside a clone of the repository"
        }
    }
}
