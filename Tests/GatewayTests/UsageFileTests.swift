import Primitives
import Testing
import WireFormat

@testable import Gateway

@Suite struct UsageFileTests {
    private let folder: ScratchFolder
    private let path: String

    init() throws {
        folder = try ScratchFolder()
        path = folder("usage.sqlite")
    }

    private static func line(_ key: String, _ date: String, _ model: String = "m") throws -> UsageBook.Line {
        UsageBook.Line(key: key, date: try #require(UTCDate(date)), model: model)
    }

    private static func usage(_ fee: UInt64) -> Usage {
        Usage(requests: 1, promptTokens: 10, cachedTokens: 4, outputTokens: 20, fee: Amount(fee))
    }

    @Test func sumsSurviveAndAreReadByOthers() throws {
        let file = try UsageFile(path: path)
        let line = try Self.line("laptop", "2026-11-28")
        try file.add([line: Self.usage(5)])
        try file.add([line: Self.usage(7), try Self.line("laptop", "2026-11-27"): Self.usage(1)])
        let other = try UsageFile(path: path)
        let lines = try other.lines(UsageQuery())
        #expect(lines.map(\.date) == ["2026-11-27", "2026-11-28"])
        #expect(try folder.mode(of: "usage.sqlite") == 0o600)
        #expect(lines.last?.usage == Self.usage(5) + Self.usage(7))
    }

    @Test func aStartGoesOnWithWhatWasSpent() throws {
        let file = try UsageFile(path: path)
        let days = [("2026-11-28", 1), ("2026-11-27", 2), ("2026-11-01", 4), ("2026-10-31", 8), ("2021-01-01", 16)]
        for (day, fee) in days { try file.add([try Self.line("laptop", day): Self.usage(UInt64(fee))]) }
        let today = try #require(UTCDate("2026-11-28"))
        // Twice: what is put together the first time is not counted again.
        for _ in 0..<2 {
            try file.fold(on: today)
            let spending = try UsageFile(path: path).spending(of: "laptop", on: today)
            #expect([spending.day, spending.month, spending.total] == [Amount(1), Amount(7), Amount(31)])
        }
        #expect(
            try file.lines(UsageQuery()).map(\.date) == [
                "1970-01-01", "2026-10-31", "2026-11-01", "2026-11-27", "2026-11-28",
            ])
    }

    @Test func queriesAreBounded() throws {
        let file = try UsageFile(path: path)
        for (key, day) in [("a", "2026-11-01"), ("b", "2026-11-02"), ("a", "2026-11-03")] {
            try file.add([try Self.line(key, day): Self.usage(1)])
        }
        #expect(try file.lines(UsageQuery(from: "2026-11-02")).count == 2)
        #expect(try file.lines(UsageQuery(to: "2026-11-01")).map(\.key) == ["a"])
        #expect(
            try file.lines(UsageQuery(from: "2026-11-02", to: "2026-11-03", key: "a")).map(\.date) == ["2026-11-03"])
        #expect(try file.lines(UsageQuery(key: "' OR 1=1")).isEmpty)
    }

    @Test func anotherFileIsLeftAlone() throws {
        try folder.write("something else, and long enough to be no database at all", to: "usage.sqlite")
        #expect(throws: GatewayError.self) { try UsageFile(path: path) }
        #expect(try folder.text(of: "usage.sqlite").hasPrefix("something else"))
    }

    @Test func exportsAreWhatSpreadsheetsRead() {
        let lines = [
            UsageLine(key: "a,b \"c\"", date: "2026-11-28", model: "m", usage: Self.usage(3)),
            UsageLine(key: "=1+1", date: "2026-11-28", model: "m", usage: Usage()),
        ]
        #expect(
            UsageExport.csv(lines) == """
                key,date,model,requests,prompt_tokens,cached_tokens,output_tokens,fee_ngonka
                "a,b ""c\""",2026-11-28,m,1,10,4,20,3
                '=1+1,2026-11-28,m,0,0,0,0,0

                """)
        #expect(UsageExport.json(lines)["usage"]?.array?[0]["fee_ngonka"]?.number?.uint64 == 3)
    }

    @Test(arguments: [
        "", "2026-11-31", "2026-13-01", "2026-1-1", "1969-12-31", "2026-11-28 ", "x026-11-28", "2027-02-29",
    ])
    func noDays(text: String) { #expect(UTCDate(text) == nil) }

    @Test(arguments: ["1970-01-01", "2000-02-29", "2026-11-28", "9999-12-31"])
    func days(text: String) { #expect(UTCDate(text)?.text == text) }
}
