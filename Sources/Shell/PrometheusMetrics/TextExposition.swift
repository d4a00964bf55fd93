/// Prometheus' text format 0.0.4: names ascending, series ascending by their labels, so that the same readings are the same
/// bytes.
///
/// Source: <https://prometheus.io/docs/instrumenting/exposition_formats/>.
public enum TextExposition {
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// - Parameter families: of two with one name the first counts.
    public static func text(of families: [MetricFamily]) -> String {
        var seen: Set<MetricName> = []
        return families.filter { seen.insert($0.name).inserted && !$0.series.isEmpty }.sorted { $0.name < $1.name }
            .map(text(of:)).joined()
    }

    private static func text(of family: MetricFamily) -> String {
        var text = family.help.map { "# HELP \(family.name) \(escaped($0))\n" } ?? ""
        text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
        for (labels, reading) in family.series.sorted(by: { $0.key < $1.key }) {
            switch reading {
            case .value(let value): text += line(family.name, "", labels.text, value)
            case .histogram(let histogram): text += lines(family.name, labels.text, histogram)
            }
        }
        return text
    }

    /// Buckets are cumulative: each holds all values up to its bound.
    private static func lines(_ name: MetricName, _ labels: String, _ histogram: HistogramReading) -> String {
        var (text, count) = ("", UInt64(0))
        for (bound, inBucket) in zip(histogram.bounds + [.infinity], histogram.counts) {
            count += inBucket
            let own = "le=\"\(number(bound))\""
            text += line(name, "_bucket", labels.isEmpty ? own : labels + "," + own, Double(count))
        }
        return text + line(name, "_sum", labels, histogram.sum) + line(name, "_count", labels, Double(count))
    }

    private static func line(_ name: MetricName, _ suffix: String, _ labels: String, _ value: Double) -> String {
        "\(name)\(suffix)\(labels.isEmpty ? "" : "{\(labels)}") \(number(value))\n"
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        // Whole numbers without a fraction, as long as a double holds each of them.
        return value.rounded() == value && value.magnitude < 0x1p53 ? "\(Int64(value))" : "\(value)"
    }

    private static func escaped(_ help: String) -> String {
        var result = ""
        for scalar in help.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
