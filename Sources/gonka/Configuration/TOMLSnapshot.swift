import Configuration
import Foundation
import Gateway
import TOMLKit

/// `config.toml` as a source of configuration: tables of texts, whole numbers, booleans and lists of texts. One table holds
/// tables: `[gateway.policies.NAME]`, whose names are a value of their own.
struct TOMLSnapshot: FileConfigSnapshot {
    struct ParsingOptions: FileParsingOptions {
        static let `default` = ParsingOptions()
    }

    /// The longest file that is read, in bytes.
    static let bytesMax = 64 << 10

    let providerName: String
    private let values: [String: ConfigContent]

    /// - Throws: `OperatorError` with line or key: not TOML, a table inside a table, a value of another type, or a key that
    ///   is no setting.
    init(data: RawSpan, providerName: String, parsingOptions: ParsingOptions) throws {
        self.providerName = providerName
        guard data.byteCount <= Self.bytesMax else { throw OperatorError("config.toml is longer than 64 KiB.") }
        let text = data.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        let document: TOMLTable
        do {
            document = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw OperatorError("config.toml cannot be read at line \(error.source.begin.line): \(error.description).")
        }
        var values: [String: ConfigContent] = [:]
        for (section, table) in document {
            guard let table = table.table else {
                throw OperatorError("config.toml has '\(section)' outside a table; put it under [node], [host] or so.")
            }
            for (name, value) in table {
                let key = section + "." + name
                if key == Setting.policies {
                    try Self.readPolicies(value, into: &values)
                    continue
                }
                guard Setting.all.contains(where: { $0.key == key }) else {
                    throw OperatorError("config.toml has '\(key)', which is no setting; `gonka config` lists them all.")
                }
                values[key] = try Self.content(of: value, key)
            }
        }
        self.values = values
    }

    private static func readPolicies(
        _ value: any TOMLValueConvertible, into values: inout [String: ConfigContent]
    ) throws {
        guard let policies = value.table, policies.count <= KeyPolicies.countMax else {
            throw OperatorError(
                "config.toml: \(Setting.policies) must be tables [\(Setting.policies).NAME], \(KeyPolicies.countMax) at most."
            )
        }
        for (name, table) in policies {
            guard KeyPolicies.isName(name) else {
                throw OperatorError(
                    "config.toml has a policy named \(String(reflecting: name)); use 1 to 64 letters, digits, - and _, and not none."
                )
            }
            guard let table = table.table else {
                throw OperatorError(
                    "config.toml: \(Setting.policies).\(name) is no table; write [\(Setting.policies).\(name)].")
            }
            for (word, value) in table {
                let key = "\(Setting.policies).\(name).\(word)"
                guard Setting.policyWords.contains(where: { $0.name == word }) else {
                    let words = Setting.policyWords.map(\.name).joined(separator: ", ")
                    throw OperatorError("config.toml has '\(key)', which no policy has; use \(words).")
                }
                values[key] = try content(of: value, key)
            }
        }
        values[Setting.policies] = .stringArray(policies.keys.sorted())
    }

    /// Everything but a list is kept as text, so that all sources say a thing in one form.
    private static func content(of value: any TOMLValueConvertible, _ key: String) throws -> ConfigContent {
        if let text = value.string { return .string(text) }
        if let number = value.int { return .string(String(number)) }
        if let flag = value.bool { return .string(String(flag)) }
        if let array = value.array {
            let texts = array.compactMap(\.string)
            if texts.count == array.count { return .stringArray(texts) }
        }
        throw OperatorError("config.toml: \(key) must be a text, a whole number, true or false, or a list of texts.")
    }

    func value(forKey key: AbsoluteConfigKey, type: ConfigType) throws -> LookupResult {
        let name = key.components.joined(separator: ".")
        guard let content = values[name] else { return LookupResult(encodedKey: name, value: nil) }
        switch (type, content) {
        case (.string, .string), (.stringArray, .stringArray):
            return LookupResult(encodedKey: name, value: ConfigValue(content, isSecret: false))
        default:
            let (found, expected) = type == .string ? ("a list", "one value") : ("one value", "a list in brackets")
            throw OperatorError("config.toml: \(name) is \(found); write \(expected).")
        }
    }

    var description: String { providerName }
    var debugDescription: String { "\(providerName) with \(values.count) values" }
}
