import ArgumentParser
import Foundation
import Primitives
import WireFormat

/// Shows what the program would do, and why.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Show every setting, its value, and where the value came from.",
        discussion: """
            A flag wins over its environment variable, a variable over config.toml in the home, the file over the default. \
            `gonka config --example` prints a config.toml to start from.
            """)

    @OptionGroup var home: HomeOptions
    @Flag(help: "Print a config.toml with every setting commented out.") var example = false
    @Flag(help: "For programs.") var json = false

    func run() async throws {
        try await Exit.reporting {
            guard !example else { return StandardOutput.write(Self.exampleFile) }
            let folder = home.folder
            let settings = try await Settings(home: folder)
            guard !json else { return Output.json(Self.json(folder, settings)) }
            let state = FileManager.default.fileExists(atPath: settings.path) ? "" : " (there is none)"
            StandardOutput.write("home \(folder.path), from \(folder.origin)\nfile \(settings.path)\(state)\n\n")
            StandardOutput.write(
                Output.table(["setting", "value", "from"], Setting.all.map { Self.row($0, settings) }))
        }
    }

    private static func row(_ setting: Setting, _ settings: Settings) -> [String] {
        guard let value = settings.value(setting) else { return [setting.key, "-", "not set"] }
        return [setting.key, value.text.isEmpty ? "-" : value.text, source(of: value, setting)]
    }

    private static func source(of value: Settings.Value, _ setting: Setting) -> String {
        switch value.origin {
        case .flag: setting.flag
        case .variable: setting.variable
        case .file, .fallback: value.origin.rawValue
        }
    }

    private static func json(_ home: Home, _ settings: Settings) -> JSONValue {
        let rows = Setting.all.map { json($0, settings.value($0)) }
        return [
            "home": ["value": .string(home.path), "from": .string(home.origin)], "file": .string(settings.path),
            "settings": .array(rows),
        ]
    }

    private static func json(_ setting: Setting, _ value: Settings.Value?) -> JSONValue {
        var object = JSONObject()
        object.append("key", .string(setting.key))
        object.append("value", value.map { .string($0.text) } ?? .null)
        object.append("from", value.map { .string(source(of: $0, setting)) } ?? .null)
        object.append("variable", .string(setting.variable))
        return .object(object)
    }

    static var exampleFile: String {
        var text = "# gonka's configuration. A flag wins over a variable, a variable over this file.\n"
        var section = ""
        for setting in Setting.all {
            if setting.section != section { text += "\n[\(setting.section)]\n" }
            section = setting.section
            text += setting.exampleLine
        }
        return text
    }
}
