import Calibration
import Primitives
import WireFormat

/// One table of a measurement, for people as aligned text and for programs as JSON.
struct BenchPart: Sendable {
    /// One word, for programs.
    let name: String
    /// What was measured and how, for people.
    let title: String
    /// With units: `p50 ms`.
    let columns: [String]
    /// One cell a column.
    let rows: [[Cell]]

    enum Cell: Sendable {
        case text(String)
        /// Rounded to so many digits after the point.
        case figure(Double, decimals: Int)
        /// In percent with its 95 % bounds: `97.3 (92.1–99.4)`.
        case rate(BinomialRate)

        /// A rate or a count.
        static func whole(_ value: Double) -> Cell { .figure(value, decimals: 0) }
        static func count(_ value: Int) -> Cell { .figure(Double(value), decimals: 0) }

        var text: String {
            switch self {
            case .text(let text): text
            case .figure(let value, let decimals): Decimal.text(value, decimals)
            case .rate(let rate): Cell.text(rate)
            }
        }

        fileprivate var json: JSONValue {
            switch self {
            case .text(let text): .string(text)
            case .figure: (try? JSONParser.parse(Bytes(text.utf8))) ?? .null
            case .rate(let rate):
                ["count": .number(Int64(rate.count)), "of": .number(Int64(rate.total)), "percent": .string(text)]
            }
        }

        private static func text(_ rate: BinomialRate) -> String {
            guard rate.total > 0 else { return "–" }
            let (low, high) = rate.bounds
            let percent = [rate.share, low, high].map { Decimal.text(100 * $0, 1) }
            return "\(percent[0]) (\(percent[1])–\(percent[2]))"
        }
    }

    var text: String { "\(title):\n\n" + Output.table(columns, rows.map { $0.map(\.text) }) + "\n" }

    var json: JSONValue {
        let objects = rows.map { row in
            var object = JSONObject()
            for (column, cell) in zip(columns, row) { object.append(column, cell.json) }
            return JSONValue.object(object)
        }
        return ["part": .string(name), "title": .string(title), "rows": .array(objects)]
    }
}

/// Decimal fractions without an exponent.
private enum Decimal {
    static func text(_ value: Double, _ decimals: Int) -> String {
        guard value.isFinite else { return "0" }
        let scale = (0..<decimals).reduce(1) { product, _ in product * 10 }
        let scaled = Int((value.magnitude * Double(scale)).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard decimals > 0 else { return "\(sign)\(scaled)" }
        let fraction = String(scaled % scale)
        return "\(sign)\(scaled / scale)." + String(repeating: "0", count: decimals - fraction.count) + fraction
    }
}
