import ArgumentParser
import Foundation
import Primitives
import Testing

@testable import gonka

/// Flags over environment over `config.toml` over defaults, each value with its origin.
@Suite struct SettingsTests {
    /// The settings of a home whose `config.toml` holds `file`.
    private func settings(
        _ file: String? = nil, flags: [Setting: String] = [:], environment: [String: String] = [:]
    ) async throws -> Settings {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("gonka-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        if let file { try Data(file.utf8).write(to: URL(fileURLWithPath: path + "/config.toml")) }
        return try await Settings(home: Home(path), flags: flags, environment: environment)
    }

    @Test func everySourceWinsOverThoseBelowIt() async throws {
        let file = "[gateway]\nport = 9003\n"
        let variable = ["GONKA_GATEWAY_PORT": "9002"]
        let all = try await settings(file, flags: [.gatewayPort: "9001"], environment: variable)
        #expect(all.value(.gatewayPort) == Settings.Value(text: "9001", origin: .flag))
        let withoutFlag = try await settings(file, environment: variable)
        #expect(withoutFlag.value(.gatewayPort) == Settings.Value(text: "9002", origin: .variable))
        #expect(try await settings(file).value(.gatewayPort) == Settings.Value(text: "9003", origin: .file))
        #expect(try await settings().value(.gatewayPort) == Settings.Value(text: "8080", origin: .fallback))
    }

    @Test(arguments: Setting.all) func everySettingIsReadFromItsVariable(setting: Setting) async throws {
        let settings = try await settings(environment: [setting.variable: setting.sample])
        #expect(settings.value(setting) == Settings.Value(text: setting.sample, origin: .variable))
    }

    @Test(arguments: Setting.all) func everySettingIsReadFromTheFile(setting: Setting) async throws {
        let value = setting.kind == .list ? "[\"\(setting.sample)\"]" : "\"\(setting.sample)\""
        let settings = try await settings("[\(setting.section)]\n\(setting.name) = \(value)\n")
        #expect(settings.value(setting) == Settings.Value(text: setting.sample, origin: .file))
    }

    @Test func keysAndVariablesAreUnique() {
        #expect(Set(Setting.all.map(\.key)).count == Setting.all.count)
        #expect(Set(Setting.all.map(\.variable)).count == Setting.all.count)
    }

    @Test func anEmptyVariableCountsAsNotSet() async throws {
        let settings = try await settings(environment: ["GONKA_THREADS": ""])
        #expect(settings.value(.threads) == Settings.Value(text: "0", origin: .fallback))
    }

    @Test func urlsFollowThePortsThatWereChosen() async throws {
        let settings = try await settings("[gateway]\nport = 9090\n", environment: ["GONKA_NODE_PORT": "9091"])
        #expect(try settings.text(.baseURL) == "http://127.0.0.1:9090/v1")
        #expect(try settings.text(.node) == "http://127.0.0.1:9091")
    }

    @Test func listsComeFromAnArrayACommaListOrARepeatedFlag() async throws {
        let file = "[gateway]\nmodels = [\"a\", \"b\"]\n"
        #expect(try await settings(file).list(.gatewayModels) == ["a", "b"])
        let variable = ["GONKA_GATEWAY_MODELS": "c,d"]
        #expect(try await settings(file, environment: variable).list(.gatewayModels) == ["c", "d"])
        let all = try await settings(file, flags: [.gatewayModels: "e,f"], environment: variable)
        #expect(try all.list(.gatewayModels) == ["e", "f"])
    }

    @Test(arguments: [
        ("gateway = 1", "'gateway' outside a table"), ("[gateway]\npotr = 1", "'gateway.potr', which is no setting"),
        ("[gateway\n", "line 1"), ("[gateway]\nport = \"many\"", "gateway.port in config.toml is \"many\""),
        ("[gateway]\nport = 0", "a number from 1 to 65535"), ("[gateway]\nport = 1.5", "gateway.port must be"),
        ("[gateway]\nport = [1]", "gateway.port must be"), ("[gateway]\nmodels = \"a\"", "gateway.models is one value"),
        ("[gateway]\nport = [\"1\"]", "gateway.port is a list"), ("[log]\nlevel = \"loud\"", "use one of trace"),
        ("[node]\neager = \"yes\"", "use true or false"),
    ])
    func aFaultInTheFileIsNamed(file: String, words: String) async throws {
        let error = await #expect(throws: OperatorError.self) { _ = try await settings(file) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "no error")")
    }

    @Test func theFileIsBounded() async throws {
        let longest = String(repeating: "#", count: TOMLSnapshot.bytesMax)
        _ = try await settings(longest)
        await #expect(throws: OperatorError.self) { _ = try await settings(longest + "#") }
    }

    @Test func whatIsNeededAndMissingNamesEveryWayToGiveIt() async throws {
        let settings = try await settings()
        let error = #expect(throws: OperatorError.self) { try settings.text(.hostAccount) }
        let text = try #require(error?.description)
        for word in ["--account", "GONKA_HOST_ACCOUNT", "account under [host]", "config.toml"] {
            #expect(text.contains(word))
        }
    }

    @Test func theExampleFileIsValidAsItIsAndWithEveryCommentRemoved() async throws {
        let example = ConfigCommand.exampleFile
        _ = try await settings(example)
        let live = example.split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.hasPrefix("#") && !$0.hasPrefix("# ") ? String($0.dropFirst()) : String($0)
        }.joined(separator: "\n")
        let settings = try await settings(live)
        #expect(Setting.all.allSatisfy { settings.value($0)?.origin == .file })
    }
}

/// The command line itself.
@Suite struct CommandLineTests {
    @Test(arguments: ["bash", "zsh", "fish"]) func completionsAreWrittenForEveryShell(shell: String) throws {
        let shell = try #require(CompletionShell(rawValue: shell))
        let script = Gonka.completionScript(for: shell)
        for word in ["devnet", "gateway", "verify", "register-host", "log-level"] { #expect(script.contains(word)) }
    }

    @Test func theVersionNamesSoftwareCommitAndProtocol() {
        #expect(
            Version.text == "gonka \(Version.number) (commit \(Version.commit), protocol \(Version.protocolVersion))")
        #expect(!Version.commit.isEmpty)
    }

    @Test(
        arguments: [
            ("1500", 1_500), ("1500ngonka", 1_500), ("1.5GNK", 1_500_000_000), ("0.000000001GNK", 1),
            ("18446744073GNK", nil),
            ("18446744074GNK", nil), ("1.5", nil), ("-1", nil), ("1.GNK", nil), ("1.0000000001GNK", nil), ("", nil),
        ] as [(String, UInt64?)])
    func amountsAreReadInBothUnits(text: String, ngonka: UInt64?) {
        #expect(
            (try? AmountText.parse(text))?.ngonka == (text == "18446744073GNK" ? 18_446_744_073_000_000_000 : ngonka))
    }
}

extension Setting {
    /// A value that is not the default.
    fileprivate var sample: String {
        switch kind {
        case .text, .list: "sample"
        case .number: "9"
        case .boolean: "true"
        case .choice(let words): words.last ?? ""
        }
    }
}
