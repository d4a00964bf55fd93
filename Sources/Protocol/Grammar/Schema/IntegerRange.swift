/// The integers between two bounds, both included, as rules of digits.
enum IntegerRange {
    /// Nil where there is none. Zero has no sign.
    static func grammar(from least: Int64, to most: Int64) -> String? {
        guard least <= most, least.magnitude <= Int64.max.magnitude else { return nil }
        var choices: [String] = []
        if most >= 0 { choices += magnitudes(from: max(0, least), to: most) }
        if least < 0 {
            let negative = magnitudes(from: most < 0 ? -most : 1, to: -least)
            choices.append("\"-\" (\(negative.joined(separator: " | ")))")
        }
        return choices.joined(separator: " | ")
    }

    /// One choice for each number of digits.
    private static func magnitudes(from least: Int64, to most: Int64) -> [String] {
        var choices: [String] = []
        var low = least
        while true {
            let digits = String(low).utf8.count
            let longest = Int64(String(repeating: "9", count: digits)) ?? Int64.max
            let high = min(most, longest)
            choices.append(sameLength(Array(String(low).utf8)[...], Array(String(high).utf8)[...]))
            guard high < most else { return choices }
            low = high + 1
        }
    }

    /// Numbers of as many digits as both bounds have.
    private static func sameLength(_ low: ArraySlice<UInt8>, _ high: ArraySlice<UInt8>) -> String {
        guard let first = low.first, let last = high.first else { return "\"\"" }
        if isFree(low, high) { return "[0-9]{\(low.count)}" }
        let (lowRest, highRest) = (low.dropFirst(), high.dropFirst())
        if first == last { return lead(first, first, sameLength(lowRest, highRest)) }
        let (zeros, nines) = (filled(lowRest, 0x30), filled(highRest, 0x39))
        var choices: [String] = []
        var (from, to) = (first, last)
        if !lowRest.elementsEqual(zeros) {
            choices.append(lead(first, first, sameLength(lowRest, nines)))
            from += 1
        }
        if !highRest.elementsEqual(nines) { to -= 1 }
        if from <= to { choices.append(lead(from, to, sameLength(zeros, nines))) }
        if to < last { choices.append(lead(last, last, sameLength(zeros, highRest))) }
        return choices.count == 1 ? choices[0] : "(\(choices.joined(separator: " | ")))"
    }

    private static func isFree(_ low: ArraySlice<UInt8>, _ high: ArraySlice<UInt8>) -> Bool {
        low.allSatisfy { $0 == 0x30 } && high.allSatisfy { $0 == 0x39 }
    }

    private static func filled(_ like: ArraySlice<UInt8>, _ byte: UInt8) -> ArraySlice<UInt8> {
        [UInt8](repeating: byte, count: like.count)[...]
    }

    private static func lead(_ from: UInt8, _ to: UInt8, _ rest: String) -> String {
        let ends = (Character(Unicode.Scalar(from)), Character(Unicode.Scalar(to)))
        let digit = from == to ? "\"\(ends.0)\"" : "[\(ends.0)-\(ends.1)]"
        return rest == "\"\"" ? digit : "\(digit) \(rest)"
    }
}
