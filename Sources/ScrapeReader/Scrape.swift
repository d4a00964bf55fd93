/// Prometheus' text format, read as a collector reads it: written from the format's page and not from the code that writes it,
/// so that tests hold the two against each other.
///
/// Source: <https://prometheus.io/docs/instrumenting/exposition_formats/>.
public struct Scrape: Sendable {
    /// One line that is no comment.
    public struct Sample: Equatable, Sendable {
        public let name: String
        public let labels: [String: String]
        public let value: Double
    }

    public struct Malformed: Error, Equatable, CustomStringConvertible {
        public let line: String
        public let reason: String
        public var description: String { "\(reason): \(line.debugDescription)" }
    }

    /// In the order of their lines.
    public private(set) var samples: [Sample] = []
    /// By name of the family.
    public private(set) var types: [String: String] = [:]
    public private(set) var helps: [String: String] = [:]

    /// - Throws: `Malformed`: also where a family is typed twice or after its samples, a series comes twice, or the text does
    ///   not end in a line feed.
    public init(_ text: String) throws(Malformed) {
        guard text.unicodeScalars.last == "\n" else { throw Malformed(line: text, reason: "no last line feed") }
        // By scalars, as a carriage return and a line feed are one character.
        for line in text.unicodeScalars.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
            let line = String(String.UnicodeScalarView(line))
            if line.hasPrefix("# HELP ") {
                try take(line, "# HELP ", into: \.helps)
            } else if line.hasPrefix("# TYPE ") {
                try take(line, "# TYPE ", into: \.types)
            } else {
                var reader = SampleReader(line)
                let sample = try reader.sample()
                guard !samples.contains(where: { $0.name == sample.name && $0.labels == sample.labels }) else {
                    throw Malformed(line: line, reason: "a series that was there before")
                }
                samples.append(sample)
            }
        }
    }

    /// The value of the only sample with this name that has at least these labels.
    public func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        let found = samples.filter { sample in
            sample.name == name && labels.allSatisfy { sample.labels[$0.key] == $0.value }
        }
        return found.count == 1 ? found[0].value : nil
    }

    /// The sum over all samples with this name that have at least these labels.
    public func sum(_ name: String, _ labels: [String: String] = [:]) -> Double {
        samples.filter { sample in
            sample.name == name && labels.allSatisfy { sample.labels[$0.key] == $0.value }
        }.reduce(0) { $0 + $1.value }
    }

    /// Names of families that have a type and no help.
    public var undocumented: [String] { types.keys.filter { helps[$0] == nil }.sorted() }

    /// Names of samples of no family, and what is wrong with histograms: buckets that go down, or that do not add up.
    public var faults: [String] {
        samples.filter { family(of: $0) == nil }.map { "\($0.name) has no type" }
            + types.filter { $0.value == "histogram" }.keys.sorted().flatMap(histogramFaults)
    }

    private func family(of sample: Sample) -> String? {
        if types[sample.name] != nil { return sample.name }
        for suffix in ["_bucket", "_sum", "_count"] where sample.name.hasSuffix(suffix) {
            let name = String(sample.name.dropLast(suffix.count))
            if types[name] == "histogram" { return name }
        }
        return nil
    }

    private func histogramFaults(_ name: String) -> [String] {
        let buckets = Dictionary(grouping: samples.filter { $0.name == name + "_bucket" }) { sample in
            sample.labels.filter { $0.key != "le" }
        }
        return buckets.flatMap { labels, buckets -> [String] in
            let bounds = buckets.map { Double($0.labels["le"]?.replacing("Inf", with: "inf") ?? "") ?? .nan }
            var faults: [String] = []
            if bounds != bounds.sorted() || bounds.last != .infinity { faults.append("\(name): bounds \(bounds)") }
            let counts = buckets.map(\.value)
            if counts != counts.sorted() { faults.append("\(name): counts \(counts)") }
            let whole = samples.first { $0.name == name + "_count" && $0.labels == labels }
            if whole?.value != counts.last { faults.append("\(name): count of \(labels)") }
            if !samples.contains(where: { $0.name == name + "_sum" && $0.labels == labels }) {
                faults.append("\(name): no sum of \(labels)")
            }
            return faults
        }
    }

    private mutating func take(
        _ line: String, _ prefix: String, into place: WritableKeyPath<Scrape, [String: String]>
    ) throws(Malformed) {
        let parts = line.dropFirst(prefix.count).split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { throw Malformed(line: line, reason: "a comment without a text") }
        let name = String(parts[0])
        guard self[keyPath: place][name] == nil,
            !samples.contains(where: { $0.name.hasPrefix(name) && family(of: $0) == name })
        else { throw Malformed(line: line, reason: "a comment that comes late or twice") }
        self[keyPath: place][name] = String(parts[1])
    }
}
