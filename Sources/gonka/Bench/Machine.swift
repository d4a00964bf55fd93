import Foundation
import WireFormat

/// What figures were measured on and with.
struct Machine {
    private var date: String { Date.now.formatted(.iso8601.year().month().day()) }
    private var cores: Int { ProcessInfo.processInfo.activeProcessorCount }

    private var processor: String {
        let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
        let name = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last
        return name?.trimmingCharacters(in: .whitespaces) ?? "an unknown processor"
    }

    private var memoryGiB: Int { Int((Double(ProcessInfo.processInfo.physicalMemory) / Double(1 << 30)).rounded()) }

    private var build: String {
        #if DEBUG
            "debug build: its speed means nothing"
        #else
            "release build"
        #endif
    }

    var text: String {
        "\(date); \(cores) cores of \(processor), \(memoryGiB) GiB; \(ProcessInfo.processInfo.operatingSystemVersionString); "
            + "\(Version.text), \(build)\n\n"
    }

    var json: JSONValue {
        [
            "date": .string(date), "processor": .string(processor), "cores": .number(Int64(cores)),
            "memory_gib": .number(Int64(memoryGiB)),
            "system": .string(ProcessInfo.processInfo.operatingSystemVersionString),
            "version": .string(Version.text), "commit": .string(Version.commit), "build": .string(build),
        ]
    }
}

/// How much memory a process holds.
enum ResidentMemory {
    /// `VmRSS` in MiB; 0 where the system does not tell.
    static func mebibytes(of process: String = "self") -> Double {
        let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        let kibibytes = line?.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0
        return kibibytes / 1_024
    }
}
