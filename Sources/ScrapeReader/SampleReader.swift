/// Reads one line, character by character.
struct SampleReader {
    private let line: String
    private var rest: Substring.UnicodeScalarView

    init(_ line: String) {
        self.line = line
        rest = Substring(line).unicodeScalars
    }

    mutating func sample() throws(Scrape.Malformed) -> Scrape.Sample {
        let name = try name(mayHoldColons: true)
        let labels = rest.first == "{" ? try labels() : [:]
        try expect(" ")
        let number = String(String.UnicodeScalarView(rest)).replacing("Inf", with: "inf").replacing("NaN", with: "nan")
        guard let value = Double(number) else { throw fault("no number") }
        return Scrape.Sample(name: name, labels: labels, value: value)
    }

    private mutating func labels() throws(Scrape.Malformed) -> [String: String] {
        var labels: [String: String] = [:]
        try expect("{")
        while rest.first != "}" {
            if !labels.isEmpty { try expect(",") }
            let name = try name(mayHoldColons: false)
            guard labels[name] == nil else { throw fault("a label twice") }
            try expect("=")
            labels[name] = try quoted()
        }
        try expect("}")
        return labels
    }

    private mutating func name(mayHoldColons: Bool) throws(Scrape.Malformed) -> String {
        var name = ""
        while let next = rest.first {
            let isLetter = ("a"..."z").contains(next) || ("A"..."Z").contains(next) || next == "_"
            let isLater = !name.isEmpty && ("0"..."9").contains(next)
            guard isLetter || isLater || mayHoldColons && next == ":" else { break }
            name.unicodeScalars.append(next)
            rest.removeFirst()
        }
        guard !name.isEmpty else { throw fault("no name") }
        return name
    }

    private mutating func quoted() throws(Scrape.Malformed) -> String {
        var text = ""
        try expect("\"")
        while let next = rest.popFirst() {
            switch next {
            case "\"": return text
            case "\\":
                switch rest.popFirst() {
                case "\\": text += "\\"
                case "\"": text += "\""
                case "n": text += "\n"
                default: throw fault("an unknown escape")
                }
            default: text.unicodeScalars.append(next)
            }
        }
        throw fault("a text without end")
    }

    private mutating func expect(_ scalar: Unicode.Scalar) throws(Scrape.Malformed) {
        guard rest.popFirst() == scalar else { throw fault("no \(scalar) where one should be") }
    }

    private func fault(_ reason: String) -> Scrape.Malformed { Scrape.Malformed(line: line, reason: reason) }
}
