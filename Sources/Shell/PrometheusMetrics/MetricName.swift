/// A name that the text format takes: `[a-zA-Z_:][a-zA-Z0-9_:]*`. Every other character becomes `_`.
public struct MetricName: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ text: String) { description = Self.tamed(text, colons: true) }

    public static func < (left: Self, right: Self) -> Bool { left.description < right.description }

    /// - Parameter colons: whether the text may hold them, as names may and labels may not.
    static func tamed(_ text: String, colons: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            let isAllowed =
                switch scalar {
                case "a"..."z", "A"..."Z", "_": true
                case "0"..."9": !result.isEmpty
                case ":": colons
                default: false
                }
            result.unicodeScalars.append(isAllowed ? scalar : "_")
        }
        return result.isEmpty ? "_" : result
    }
}

/// The labels that tell the series of one name apart, in the order of their names, as the text format writes them.
public struct LabelSet: Hashable, Comparable, Sendable {
    /// For example `method="commit",outcome="accepted"`; empty without labels.
    let text: String

    /// - Parameters:
    ///   - labels: of two with one name the first counts.
    ///   - valueBytesMax: the longest value, in bytes.
    public init(_ labels: [(String, String)] = [], valueBytesMax: Int = Limits().labelValueBytesMax) {
        var values: [String: String] = [:]
        for (name, value) in labels {
            let name = Self.name(name)
            if values[name] == nil { values[name] = Self.cut(value, to: valueBytesMax) }
        }
        text = values.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
            .joined(separator: ",")
    }

    public static func < (left: Self, right: Self) -> Bool { left.text < right.text }

    /// A histogram says its buckets' bounds by `le`, and two underscores are the collector's own.
    private static func name(_ text: String) -> String {
        let name = MetricName.tamed(text, colons: false)
        if name == "le" { return "_le" }
        return name.hasPrefix("__") ? "_" + name.drop { $0 == "_" } : name
    }

    private static func cut(_ text: String, to bytesMax: Int) -> String {
        guard text.utf8.count > bytesMax else { return text }
        var (result, bytes) = ("", 0)
        for scalar in text.unicodeScalars {
            bytes += UTF8.width(scalar)
            if bytes > bytesMax { break }
            result.unicodeScalars.append(scalar)
        }
        return result
    }

    /// Scalar by scalar: a line feed after a carriage return is one character with it, and still ends a line.
    private static func escaped(_ value: String) -> String {
        var result = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
