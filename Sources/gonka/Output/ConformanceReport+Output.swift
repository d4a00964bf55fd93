import Conformance
import WireFormat

extension ConformanceReport {
    /// For people: outcome, name, what was found.
    var line: String {
        let name = check.rawValue.padding(toLength: 14)
        let word = outcome == .passed ? "ok  " : outcome == .failed ? "FAIL" : "skip"
        return "\(word) \(name) \(detail)\n"
    }

    var json: JSONValue {
        ["check": .string(check.rawValue), "outcome": .string(outcome.rawValue), "detail": .string(detail)]
    }
}

extension String {
    fileprivate func padding(toLength length: Int) -> String {
        self + String(repeating: " ", count: max(0, length - count))
    }
}
