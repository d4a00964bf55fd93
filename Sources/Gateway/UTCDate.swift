/// A day of the Gregorian calendar, in UTC.
struct UTCDate: Hashable, Comparable, Sendable {
    static let secondsPerDay: UInt64 = 86_400

    /// Days since 1970-01-01.
    let day: UInt64
    let year: UInt64
    /// 1 to 12.
    let month: UInt64
    /// 1 to 31.
    let dayOfMonth: UInt64

    /// The day that holds a moment, in seconds since 1970-01-01 UTC.
    init(seconds: UInt64) { self.init(day: seconds / Self.secondsPerDay) }

    /// By the era of 400 years that holds the day, counted from March so that the leap day comes last.
    init(day: UInt64) {
        self.day = day
        let (shifted, _) = day.addingReportingOverflow(719_468)
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        dayOfMonth = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Reads `2026-11-28`; nil for anything else, days that no month has and years before 1970 included.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [4, 2, 2],
            text.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let year = UInt64(parts[0]), year >= 1_970
        else { return nil }
        // Years have 365 or 366 days, so the day is at most so far from the first guess.
        let start = (year - 1_970) * 365
        for day in start..<(start + 366 + (year - 1_970) / 4 + 1) where UTCDate(day: day).text == text {
            self.init(day: day)
            return
        }
        return nil
    }

    static func < (left: UTCDate, right: UTCDate) -> Bool { left.day < right.day }

    /// Counts months, so that two days of one month have the same.
    var monthNumber: UInt64 { year * 12 + month - 1 }

    /// The first second of the next day.
    var nextDay: UInt64 { (day + 1) * Self.secondsPerDay }

    /// The first day of the next month.
    var nextMonth: UTCDate {
        var next = UTCDate(day: day - (dayOfMonth - 1) + 28)
        while next.monthNumber == monthNumber { next = UTCDate(day: next.day + 1) }
        return next
    }

    /// For example `2026-11-28`.
    var text: String { "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(dayOfMonth, 2))" }

    /// A moment as RFC 3339 writes it, for example `2026-11-28T07:05:00Z`.
    ///
    /// - Parameter seconds: since 1970-01-01 UTC.
    static func timestamp(seconds: UInt64) -> String {
        let second = seconds % secondsPerDay
        let time = [second / 3_600, second / 60 % 60, second % 60].map { padded($0, 2) }.joined(separator: ":")
        return "\(UTCDate(seconds: seconds).text)T\(time)Z"
    }

    private static func padded(_ number: UInt64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
