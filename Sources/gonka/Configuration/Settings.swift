import Configuration
import Foundation
import Synchronization
import SystemPackage

/// Where a value came from.
enum SettingOrigin: String, Equatable, Sendable {
    case flag, variable
    case file = "config.toml"
    case fallback = "default"
}

/// All settings as they hold for one command: flags over environment over `config.toml` over defaults.
struct Settings: Sendable {
    /// Values as text; a list has commas between its parts.
    struct Value: Equatable, Sendable {
        let text: String
        let origin: SettingOrigin
    }

    /// In the order of `Setting.all`; those without any value are left out.
    private let values: [Setting: Value]
    /// Names of the routing policies that the file defines, ascending.
    let policyNames: [String]
    /// Where `config.toml` is looked for.
    let path: String

    /// - Parameters:
    ///   - home: holds `config.toml`, which may be missing.
    ///   - flags: what was given on the command line.
    /// - Throws: `OperatorError` naming the setting, its value and where that came from.
    init(
        home: Home, flags: [Setting: String] = [:],
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) async throws {
        path = home.path + "/config.toml"
        let trace = OriginTrace()
        let file = try await Self.file(path)
        let reader = ConfigReader(
            providers: [
                InMemoryProvider(name: "flags", values: Self.contents(flags)), Self.variables(environment), file,
            ], accessReporter: trace)
        var values: [Setting: Value] = [:]
        for setting in Setting.all {
            guard let text = try Self.read(setting, reader), let origin = trace.origin else { continue }
            try setting.check(text, from: origin)
            values[setting] = Value(text: text, origin: origin)
        }
        for setting in Setting.all where values[setting] == nil {
            guard let text = Self.fallback(of: setting, values, environment) else { continue }
            values[setting] = Value(text: text, origin: .fallback)
        }
        // Policies are in the file alone.
        let fileReader = ConfigReader(provider: file)
        policyNames =
            try Self.value { try fileReader.requiredStringArray(forKey: ConfigKey([Setting.policies])) } ?? []
        for setting in policyNames.flatMap({ name in Setting.policyWords.map { $0.inPolicy(name) } }) {
            guard let text = try Self.read(setting, fileReader) else { continue }
            try setting.check(text, from: .file)
            values[setting] = Value(text: text, origin: .file)
        }
        self.values = values
    }

    /// The value and where it came from; nil where nothing was said and there is no default.
    func value(_ setting: Setting) -> Value? { values[setting] }

    /// - Throws: `OperatorError` where it is needed and nobody gave it.
    func text(_ setting: Setting) throws -> String {
        guard let value = values[setting] else {
            throw OperatorError(
                "\(setting.key) is not set; give \(setting.flag), \(setting.variable), or \(setting.name) under "
                    + "[\(setting.section)] in \(path).")
        }
        return value.text
    }

    /// A whole number in the setting's range, which was checked on reading.
    func number(_ setting: Setting) throws -> Int {
        guard let number = Int(try text(setting)) else { throw OperatorError("\(setting.key) is no number.") }
        return number
    }

    func isOn(_ setting: Setting) throws -> Bool { try text(setting) == "true" }

    func list(_ setting: Setting) throws -> [String] { try text(setting).split(separator: ",").map(String.init) }
}

extension Settings {
    private static func contents(_ flags: [Setting: String]) -> [AbsoluteConfigKey: ConfigValue] {
        Dictionary(
            uniqueKeysWithValues: flags.map { setting, text in
                let content: ConfigContent =
                    setting.kind == .list ? .stringArray(text.split(separator: ",").map(String.init)) : .string(text)
                return (AbsoluteConfigKey(setting.configKey), ConfigValue(content, isSecret: false))
            })
    }

    /// A variable that is empty counts as not set.
    private static func variables(
        _ environment: [String: String]
    ) -> KeyMappingProvider<EnvironmentVariablesProvider> {
        let names: [String: String] = Dictionary(uniqueKeysWithValues: Setting.all.map { ($0.key, $0.variable) })
        let provider = EnvironmentVariablesProvider(environmentVariables: environment.filter { !$0.value.isEmpty })
        return KeyMappingProvider(upstream: provider) { key in
            let variable = names[key.components.joined(separator: ".")] ?? ""
            return AbsoluteConfigKey(ConfigKey(variable.split(separator: "_").map { $0.lowercased() }))
        }
    }

    private static func file(_ path: String) async throws -> FileProvider<TOMLSnapshot> {
        do {
            return try await FileProvider(filePath: FilePath(path), allowMissing: true)
        } catch let error as OperatorError {
            throw OperatorError("\(error) The file is \(path).")
        } catch {
            throw OperatorError("\(path) cannot be read; see to its permissions, or remove it.")
        }
    }

    private static func read(_ setting: Setting, _ reader: ConfigReader) throws -> String? {
        // The required form is the one that passes a provider's error on; a missing value has no provider's error.
        switch setting.kind {
        case .list: try value { try reader.requiredStringArray(forKey: setting.configKey) }?.joined(separator: ",")
        default: try value { try reader.requiredString(forKey: setting.configKey) }
        }
    }

    private static func value<Value>(_ read: () throws -> Value) throws -> Value? {
        do { return try read() } catch let error as OperatorError { throw error } catch { return nil }
    }

    private static func fallback(
        of setting: Setting, _ values: [Setting: Value], _ environment: [String: String]
    ) -> String? {
        switch setting.fallback {
        case .value(let text): return text
        case .none: return nil
        case .demoModel:
            let cache = environment["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? NSHomeDirectory() + "/.cache"
            return cache + "/gonka/models/\(DemoModel.fileName)"
        case .around(let key, let prefix, let suffix):
            guard let other = Setting.all.first(where: { $0.key == key }) else { return nil }
            guard let inner = values[other]?.text ?? fallback(of: other, values, environment) else { return nil }
            return prefix + inner + suffix
        }
    }
}

extension Setting {
    fileprivate var configKey: ConfigKey { ConfigKey([section, name]) }

    fileprivate func check(_ text: String, from origin: SettingOrigin) throws {
        let expected: String
        switch kind {
        case .text, .list: return
        case .number(let range):
            if let number = Int(text), range.contains(number) { return }
            expected = "a number from \(range.lowerBound) to \(range.upperBound)"
        case .boolean:
            if text == "true" || text == "false" { return }
            expected = "true or false"
        case .choice(let words):
            if words.contains(text) { return }
            expected = "one of \(words.joined(separator: ", "))"
        }
        let source =
            switch origin {
            case .flag: flag
            case .variable: variable
            case .file, .fallback: "\(key) in config.toml"
            }
        throw OperatorError("\(source) is \(text.debugDescription); use \(expected).")
    }
}

/// Remembers which source gave the value that was read last.
private final class OriginTrace: AccessReporter {
    private static let order: [SettingOrigin] = [.flag, .variable, .file]
    private let last = Mutex<SettingOrigin?>(nil)

    var origin: SettingOrigin? { last.withLock { $0 } }

    func report(_ event: AccessEvent) {
        let index = event.providerResults.firstIndex { result in
            if case .success(let lookup) = result.result { lookup.value != nil } else { false }
        }
        last.withLock { $0 = index.map { Self.order[$0] } }
    }
}
