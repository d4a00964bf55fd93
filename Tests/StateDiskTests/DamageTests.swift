import Foundation
import Primitives
import StateDisk
import StateStore
import Testing

/// Whatever happens to the files: the state after one of the commits, or a named error, never a trap and never anything else.
@Suite struct DamageTests {
    private static let chain = GeneratedChain(seed: 9, blocks: 12, changesPerBlock: 40)

    /// The file after an orderly end, and file and log as a crash would leave them.
    private static let (closed, crashed, log): (Data, Data, Data) = {
        do {
            let folder = try ScratchFolder()
            let disk = try DiskStorage(path: folder.path("state"))
            for commit in chain.commits { try disk.commit(commit) }
            let (crashed, log) = (try folder.read("state"), try folder.read("state-wal"))
            try disk.close()
            return (try folder.read("state"), crashed, log)
        } catch {
            Issue.record(error)
            return (Data(), Data(), Data())
        }
    }()

    /// The height that the files hold, or nil where they are refused or empty.
    private static func height(_ file: Data, log: Data? = nil) throws -> UInt64? {
        let folder = try ScratchFolder()
        try folder.write(file, "state")
        if let log { try folder.write(log, "state-wal") }
        do throws(StateStorageError) {
            guard let state = try DiskStorage(path: folder.path("state")).load() else { return nil }
            #expect(state.appHash == chain.commits[Int(state.height)].state.appHash)
            #expect(state.chainID == GeneratedChain.chainID)
            return state.height
        } catch {
            return nil
        }
    }

    @Test func crashLosesNothingThatWasCommitted() throws {
        #expect(try DamageTests.height(DamageTests.closed) == DamageTests.chain.last.height)
        #expect(try DamageTests.height(DamageTests.crashed, log: DamageTests.log) == DamageTests.chain.last.height)
    }

    @Test func cutLogGivesAnEarlierCommit() throws {
        let log = DamageTests.log
        var heights: Set<UInt64> = []
        for count in stride(from: 0, through: log.count, by: 997) {
            if let height = try DamageTests.height(DamageTests.crashed, log: log.prefix(count)) {
                heights.insert(height)
            }
        }
        #expect(heights.count > 3, "the cuts should lie in many commits")
    }

    @Test func cutFileIsRefused() throws {
        let file = DamageTests.closed
        for count in stride(from: 1, to: file.count, by: 509) {
            #expect(try DamageTests.height(file.prefix(count)) == nil, "\(count) of \(file.count) bytes")
        }
    }

    @Test func flippedBitsAreRefusedOrDoNotMatter() throws {
        var numbers = SeededNumbers(state: 17)
        var refusals = 0
        for _ in 0..<250 {
            var file = DamageTests.closed
            let place = Int(numbers.next() % UInt64(file.count))
            file[place] ^= 1 << UInt8(numbers.next() % 8)
            let height = try DamageTests.height(file)
            #expect(height == nil || height == DamageTests.chain.last.height)
            refusals += height == nil ? 1 : 0
        }
        #expect(refusals > 50, "most bytes of the file matter")
        for _ in 0..<100 {
            var log = DamageTests.log
            log[Int(numbers.next() % UInt64(log.count))] ^= 1 << UInt8(numbers.next() % 8)
            _ = try DamageTests.height(DamageTests.crashed, log: log)
        }
    }

    @Test func zeroedSectorsAreRefusedOrDoNotMatter() throws {
        let file = DamageTests.closed
        for start in stride(from: 0, to: file.count, by: 512) {
            var damaged = file
            damaged.replaceSubrange(
                start..<min(start + 512, file.count), with: Data(count: min(512, file.count - start)))
            if let height = try DamageTests.height(damaged) { #expect(height == DamageTests.chain.last.height) }
        }
    }
}
