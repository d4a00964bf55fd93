import Foundation

/// What the system knows of this process, by the names that all Prometheus client libraries use. Where there is no `/proc`
/// it tells nothing.
public struct ProcessCollector: MetricCollector {
    private let folder: String

    /// - Parameter folder: where `/proc` is; another one for tests.
    public init(proc folder: String = "/proc") { self.folder = folder }

    public func families() -> [MetricFamily] {
        guard let statistics = ProcessStatistics(line: text(of: "self/stat")) else { return [] }
        let (tick, page) = (Double(sysconf(Int32(_SC_CLK_TCK))), Double(sysconf(Int32(_SC_PAGESIZE))))
        var families = [
            MetricFamily(
                "process_cpu_seconds_total", .counter, help: "Processor time of user and system, in seconds.",
                value: Double(statistics.cpuTicks) / tick),
            MetricFamily(
                "process_resident_memory_bytes", .gauge, help: "Resident memory, in bytes.",
                value: Double(statistics.residentPages) * page),
            MetricFamily(
                "process_virtual_memory_bytes", .gauge, help: "Virtual memory, in bytes.",
                value: Double(statistics.virtualBytes)),
        ]
        if let boot = bootSeconds {
            families.append(
                MetricFamily(
                    "process_start_time_seconds", .gauge, help: "When the process started, in seconds since 1970.",
                    value: boot + Double(statistics.startTicks) / tick))
        }
        if let open = openDescriptors {
            families.append(
                MetricFamily("process_open_fds", .gauge, help: "Open file descriptors.", value: Double(open)))
        }
        if let most = descriptorsMax {
            families.append(
                MetricFamily("process_max_fds", .gauge, help: "Most file descriptors at once.", value: most))
        }
        return families
    }

    private func text(of file: String) -> String {
        FileManager.default.contents(atPath: folder + "/" + file).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// When the machine started, in seconds since 1970.
    private var bootSeconds: Double? {
        text(of: "stat").split(separator: "\n").first { $0.hasPrefix("btime ") }.flatMap {
            Double($0.dropFirst("btime ".count))
        }
    }

    /// The folder that is being listed is one of them.
    private var openDescriptors: Int? {
        (try? FileManager.default.contentsOfDirectory(atPath: folder + "/self/fd")).map { max(0, $0.count - 1) }
    }

    private var descriptorsMax: Double? {
        let name = "Max open files"
        guard let line = text(of: "self/limits").split(separator: "\n").first(where: { $0.hasPrefix(name) }),
            let soft = line.dropFirst(name.count).split(separator: " ").first
        else { return nil }
        return soft == "unlimited" ? .infinity : Double(soft)
    }
}

/// The one line of `/proc/self/stat` (proc_pid_stat(5)).
struct ProcessStatistics: Equatable {
    let cpuTicks: UInt64
    let startTicks: UInt64
    let virtualBytes: UInt64
    let residentPages: UInt64

    /// - Parameter line: its second field is the program's name in brackets, which may hold spaces and brackets itself.
    init?(line: String) {
        guard let name = line.lastIndex(of: ")") else { return nil }
        // From the third field on.
        let fields = line[line.index(after: name)...].split { $0 == " " || $0 == "\n" }
        func field(_ number: Int) -> UInt64? { number - 3 < fields.count ? UInt64(fields[number - 3]) : nil }
        guard let user = field(14), let system = field(15), let start = field(22), let bytes = field(23),
            let pages = field(24)
        else { return nil }
        (cpuTicks, startTicks, virtualBytes, residentPages) = (user &+ system, start, bytes, pages)
    }
}

/// What this build is: a constant 1 whose labels say it.
public struct BuildCollector: MetricCollector {
    private let version: String
    private let commit: String

    public init(version: String, commit: String) { (self.version, self.commit) = (version, commit) }

    public func families() -> [MetricFamily] {
        [
            MetricFamily(
                MetricName("gonka_build_info"), .gauge, help: "The build, by its labels.",
                series: [LabelSet([("version", version), ("commit", commit)]): .value(1)])
        ]
    }
}
