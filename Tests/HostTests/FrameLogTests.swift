import DurableFile
import Primitives
import Testing

@Suite("A log file of framed records")
struct FrameLogTests {
    static let format = FrameLog.Format(magic: Bytes("testtest".utf8), version: 1, recordBytesMax: 1_000)
    static let records: [Bytes] = [[], [1], Bytes(repeating: 2, count: 300), Bytes("the last one".utf8)]

    /// Opens the file of `folder`, and what it holds.
    static func open(_ folder: MemoryFolder) throws -> (log: FrameLog, records: [Bytes]) {
        var records: [Bytes] = []
        let log = try FrameLog(storage: try folder.open("a"), format: format) { payload, _ in records.append(payload) }
        return (log, records)
    }

    static func written() throws -> Bytes {
        let folder = MemoryFolder()
        var log = try open(folder).log
        for record in records { _ = try log.append([record]) }
        return try #require(folder.contents["a"])
    }

    @Test("What was appended is read again, in order and by offset")
    func reading() throws {
        let folder = MemoryFolder()
        var log = try Self.open(folder).log
        let offsets = try log.append(Self.records)
        #expect(folder.syncs == 1, "the first group takes the preamble with it")
        for (offset, record) in zip(offsets, Self.records) { #expect(try log.read(at: offset) == record) }
        #expect(folder.contents == folder.synced)
        #expect(try Self.open(folder).records == Self.records)
    }

    @Test("A file that ends anywhere loses the unfinished record and no other")
    func tornTails() throws {
        let whole = try Self.written()
        for length in 0..<whole.count {
            let folder = MemoryFolder(["a": Bytes(whole.prefix(length))])
            var (log, records) = try Self.open(folder)
            #expect(records == Array(Self.records.prefix(records.count)), "\(length)")
            _ = try log.append([[7]])
            #expect(try Self.open(folder).records == records + [[7]], "\(length)")
        }
    }

    @Test("A record whose end was never written and reads as zeros is taken off")
    func zeroTails() throws {
        let whole = try Self.written()
        let lastLength = 28 + Self.records[3].count + 1
        for zeros in 1...lastLength {
            let torn = whole.dropLast(zeros) + Bytes(repeating: 0, count: zeros)
            let isHeadOnly = zeros >= lastLength - 28
            do {
                let records = try Self.open(MemoryFolder(["a": Bytes(torn)])).records
                #expect(records == Array(Self.records.dropLast()), "\(zeros)")
            } catch let error as FrameLogError {
                // Half a head beside zeros is neither unwritten nor whole.
                guard case .damaged = error else { throw error }
                #expect(isHeadOnly, "\(zeros)")
            }
        }
    }

    @Test("Any flipped bit is found")
    func flippedBits() throws {
        let whole = try Self.written()
        for index in whole.indices {
            var damaged = whole
            damaged[index] ^= 1 << (index % 8)
            let folder = MemoryFolder(["a": damaged])
            #expect(throws: FrameLogError.self, "byte \(index)") { try Self.open(folder) }
            #expect(folder.contents["a"] == damaged, "the file is left alone")
        }
    }

    @Test(
        "After a failed write or sync nothing is written any more",
        arguments: [
            MemoryFolder.Fault.failedSync(after: 0), .tornWrite(after: 0, bytes: 0), .tornWrite(after: 0, bytes: 10),
        ])
    func failures(_ fault: MemoryFolder.Fault) throws {
        let folder = MemoryFolder()
        var log = try Self.open(folder).log
        _ = try log.append([[1]])
        folder.plan(fault)
        #expect(throws: FrameLogError.self) { try log.append([[2]]) }
        folder.plan(nil)
        #expect(throws: FrameLogError.failedBefore) { try log.append([[3]]) }
        #expect(try Self.open(folder).records.first == [1])
    }

    @Test("Files of another kind or version, and records over the bound, are refused")
    func refusals() throws {
        #expect(throws: FrameLogError.otherKind) { try Self.open(MemoryFolder(["a": Bytes("something else".utf8)])) }
        var newer = try Self.written()
        newer[11] = 2
        #expect(throws: FrameLogError.unknownVersion(found: 2, known: 1)) {
            try Self.open(MemoryFolder(["a": newer]))
        }
        var log = try Self.open(MemoryFolder()).log
        #expect(throws: FrameLogError.recordTooLarge(bytes: 1_001)) {
            try log.append([Bytes(repeating: 0, count: 1_001)])
        }
        _ = try log.append([Bytes(repeating: 0, count: 1_000)])
    }

    @Test("A folder on disk is held by one owner")
    func folderLock() throws {
        let temporary = try TemporaryFolder()
        let path = temporary.path + "/deep/items"
        let folder = try DiskFolder(path: path)
        #expect(throws: DiskFolder.BusyError.self) { try DiskFolder(path: path) }
        #expect(try folder.names() == [])
        let storage = try folder.open("b")
        try storage.write([1, 2, 3], at: 0)
        try storage.sync()
        _ = try folder.open("a")
        #expect(try folder.names() == ["a", "b"])
        #expect(try storage.read(at: 1, count: 9) == [2, 3])
        try storage.truncate(to: 1)
        #expect(try storage.size() == 1)
        try folder.remove("a")
        try folder.remove("a")
        #expect(try folder.names() == ["b"])
    }
}
