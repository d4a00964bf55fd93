import Foundation

/// Where figures were computed.
enum Machine {
    static var cores: Int { ProcessInfo.processInfo.activeProcessorCount }

    static var text: String {
        let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
        let name = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last
        let processor = name?.trimmingCharacters(in: .whitespaces) ?? "an unknown processor"
        let date = Date.now.formatted(.iso8601.year().month().day())
        #if DEBUG
            let build = "debug build: times mean nothing"
        #else
            let build = "release build"
        #endif
        return "\(date); \(cores) cores of \(processor); \(build)"
    }
}

extension Double {
    /// With so many digits after the point.
    func text(_ decimals: Int) -> String { formatted(.number.grouping(.never).precision(.fractionLength(decimals))) }
}
