import WireFormat

/// Answers on standard output.
enum Output {
    /// One JSON value on one line.
    static func json(_ value: JSONValue) {
        StandardOutput.write(String(decoding: value.encoded(), as: UTF8.self) + "\n")
    }

    /// Rows in aligned columns; columns that hold nothing but numbers, with or without a unit, to the right.
    static func table(_ header: [String], _ rows: [[String]]) -> String {
        let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
        let isNumeric = header.indices.map { column in rows.allSatisfy { $0[column].first?.isNumber ?? false } }
        return ([header] + rows).map { row in
            let cells = row.indices.map { column in
                let gap = String(repeating: " ", count: widths[column] - row[column].count)
                return isNumeric[column] ? gap + row[column] : row[column] + gap
            }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n") + "\n"
    }
}
