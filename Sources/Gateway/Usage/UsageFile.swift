import GRDB
import Primitives

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The sums in an SQLite file, one row for each key, day and model. A running gateway adds to it while others read.
///
/// Rows are kept for `Limits.usageDaysKept` days; older ones are put together, so that what a key spent in all stays.
public struct UsageFile: UsageStore {
    /// "GNKU" in ASCII.
    private static let applicationID: Int64 = 0x474E_4B55
    private static let format: Int64 = 1

    private let path: String
    private let queue: DatabaseQueue

    /// Opens the file, or creates it.
    public init(path: String) throws(GatewayError) {
        self.path = path
        do {
            var configuration = Configuration()
            configuration.label = "usage"
            configuration.busyMode = .timeout(5)
            configuration.prepareDatabase { database in
                try database.execute(sql: "PRAGMA journal_mode = WAL")
                try database.execute(sql: "PRAGMA synchronous = FULL")
            }
            // SQLite would let everybody read a file that it makes itself.
            let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard file >= 0 else { throw SmallFile.Failure(call: "open", code: errno) }
            close(file)
            queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.write { try Self.prepare($0) }
        } catch {
            throw .cannotRead(path: path, reason: "\(error)")
        }
    }

    private static func prepare(_ database: Database) throws {
        let identity = try Int64.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        if identity == 0, try database.tableExists("usage") == false {
            try database.execute(
                sql: """
                    CREATE TABLE usage (
                        key TEXT NOT NULL, day INTEGER NOT NULL, model TEXT NOT NULL, requests INTEGER NOT NULL,
                        prompt_tokens INTEGER NOT NULL, cached_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
                        fee INTEGER NOT NULL, PRIMARY KEY (key, day, model)
                    ) STRICT, WITHOUT ROWID;
                    PRAGMA application_id = \(applicationID);
                    PRAGMA user_version = \(format);
                    """)
            return
        }
        guard identity == applicationID, try Int64.fetchOne(database, sql: "PRAGMA user_version") == format else {
            throw DatabaseError(resultCode: .SQLITE_NOTADB, message: "it is no usage file of this version")
        }
    }

    func spending(of key: String, on date: UTCDate) throws(GatewayError) -> Spending {
        let monthStart = date.day - (date.dayOfMonth - 1)
        do {
            return try queue.read { database in
                let row = try Row.fetchOne(
                    database,
                    sql: """
                        SELECT SUM(fee) AS total, SUM(CASE WHEN day >= ? THEN fee ELSE 0 END) AS month,
                            SUM(CASE WHEN day >= ? THEN fee ELSE 0 END) AS today
                        FROM usage WHERE key = ?
                        """,
                    arguments: [Int64(clamping: monthStart), Int64(clamping: date.day), key])
                let sums = ["today", "month", "total"].map { Amount(UInt64(clamping: row?[$0] as Int64? ?? 0)) }
                return Spending(date: date, day: sums[0], month: sums[1], total: sums[2])
            }
        } catch {
            throw .cannotRead(path: path, reason: "\(error)")
        }
    }

    /// Rows that are older than anybody asks for come under day 0.
    func fold(on date: UTCDate) throws(GatewayError) {
        let oldest = Int64(clamping: date.day.clamped(minus: Limits.usageDaysKept))
        do {
            try queue.write { database in
                try database.execute(
                    sql: """
                        INSERT INTO usage
                        SELECT key, 0, model, SUM(requests), SUM(prompt_tokens), SUM(cached_tokens), SUM(output_tokens),
                            SUM(fee)
                        FROM usage WHERE day > 0 AND day < ? GROUP BY key, model
                        ON CONFLICT (key, day, model) DO UPDATE SET \(Self.sums)
                        """, arguments: [oldest])
                try database.execute(sql: "DELETE FROM usage WHERE day > 0 AND day < ?", arguments: [oldest])
            }
        } catch {
            throw .cannotWrite(path: path, reason: "\(error)")
        }
    }

    private static let sums = ["requests", "prompt_tokens", "cached_tokens", "output_tokens", "fee"]
        .map { "\($0) = \($0) + excluded.\($0)" }.joined(separator: ", ")

    func add(_ lines: [UsageBook.Line: Usage]) throws(GatewayError) {
        do {
            try queue.write { database in
                let statement = try database.makeStatement(
                    sql: """
                        INSERT INTO usage VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                        ON CONFLICT (key, day, model) DO UPDATE SET \(Self.sums)
                        """)
                for (line, usage) in lines {
                    try statement.execute(arguments: [
                        line.key, Int64(clamping: line.date.day), line.model, Int64(clamping: usage.requests),
                        Int64(clamping: usage.promptTokens), Int64(clamping: usage.cachedTokens),
                        Int64(clamping: usage.outputTokens), Int64(clamping: usage.fee.ngonka),
                    ])
                }
            }
        } catch {
            throw .cannotWrite(path: path, reason: "\(error)")
        }
    }

    public func lines(_ query: UsageQuery) throws(GatewayError) -> [UsageLine] {
        do {
            return try queue.read { database in
                let rows = try Row.fetchAll(
                    database,
                    sql: """
                        SELECT * FROM usage
                        WHERE (?1 IS NULL OR date(day * 86400, 'unixepoch') >= ?1)
                            AND (?2 IS NULL OR date(day * 86400, 'unixepoch') <= ?2) AND (?3 IS NULL OR key = ?3)
                        ORDER BY day, key, model LIMIT \(Limits.usageLinesMax)
                        """, arguments: [query.from, query.to, query.key])
                return rows.map(Self.line)
            }
        } catch {
            throw .cannotRead(path: path, reason: "\(error)")
        }
    }

    private static func line(_ row: Row) -> UsageLine {
        let count: (String) -> UInt64 = { UInt64(clamping: row[$0] as Int64) }
        return UsageLine(
            key: row["key"], date: UTCDate(day: count("day")).text, model: row["model"],
            usage: Usage(
                requests: count("requests"), promptTokens: count("prompt_tokens"),
                cachedTokens: count("cached_tokens"), outputTokens: count("output_tokens"),
                fee: Amount(count("fee"))))
    }
}
