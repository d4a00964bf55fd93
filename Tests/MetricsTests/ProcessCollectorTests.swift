import Foundation
import ScrapeReader
import Testing

@testable import PrometheusMetrics

/// What the system says of this process.
@Suite struct ProcessCollectorTests {
    @Test("This process is told by the usual names", .enabled(if: FileManager.default.fileExists(atPath: "/proc/self")))
    func own() throws {
        let registry = PrometheusRegistry(collectors: [
            ProcessCollector(), BuildCollector(version: "1.2.3", commit: "abc-dirty"),
        ])
        let scrape = try Scrape(registry.exposition())
        #expect((scrape.value("process_resident_memory_bytes") ?? 0) > 0x1p20)
        #expect((scrape.value("process_virtual_memory_bytes") ?? 0) > 0x1p20)
        #expect((scrape.value("process_cpu_seconds_total") ?? -1) >= 0)
        #expect((scrape.value("process_open_fds") ?? 0) > 2)
        #expect((scrape.value("process_max_fds") ?? 0) > 2)
        let start = try #require(scrape.value("process_start_time_seconds"))
        #expect((0..<7 * 86_400).contains(Date.now.timeIntervalSince1970 - start))
        #expect(scrape.value("gonka_build_info", ["version": "1.2.3", "commit": "abc-dirty"]) == 1)
        #expect(scrape.undocumented.isEmpty)
        #expect(scrape.faults.isEmpty)
    }

    @Test("Where there is no /proc nothing is told of the process")
    func nowhere() {
        #expect(ProcessCollector(proc: "/nowhere").families().isEmpty)
    }

    @Test("A program's name may hold anything")
    func names() {
        let tail = "S 1 1 1 0 -1 4194304 100 0 0 0 70 30 0 0 20 0 4 0 12345 987654 321 18446744073709551615"
        let expected = ProcessStatistics(line: "7 (gonka) \(tail)\n")
        #expect(expected?.cpuTicks == 100)
        #expect(expected?.startTicks == 12_345)
        #expect(expected?.virtualBytes == 987_654)
        #expect(expected?.residentPages == 321)
        #expect(ProcessStatistics(line: "7 (a) S 1 (b) ) \(tail)\n") == expected)
        for line in ["", "7 gonka S", "7 (gonka)", "7 (gonka) S 1 2"] {
            #expect(ProcessStatistics(line: line) == nil)
        }
    }
}
