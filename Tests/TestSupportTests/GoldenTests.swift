import Foundation
import Primitives
import Testing

@testable import TestSupport

struct GoldenTests {
    @Test func bytesAreLinesOfThirtyTwo() {
        let bytes = (0..<70).map { UInt8($0) }
        expectGolden("test-support/bytes", bytes)
        #expect(Golden.text(of: bytes).split(separator: "\n").map(\.count) == [64, 64, 12])
    }

    @Test(arguments: [
        ("a\nb\n", "a\nb\n", nil),
        ("a\nb\n", "a\nc\n", "line 2 is 'c', approved was 'b'"),
        ("a\nb\n", "a\n", "line 2 is '', approved was 'b'"),
        ("a", "a\nb", "line 2 is 'b', approved was missing"),
        ("\u{E9}\n", "e\u{301}\n", "line 1 is 'e\u{301}', approved was '\u{E9}'"),
    ])
    func namesTheFirstDifference(expected: String, actual: String, difference: String?) {
        #expect(Golden.firstDifference(expected: expected, actual: actual) == difference)
    }

    @Test func approvesThenComparesThenComplains() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "golden-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let comparing = Golden(folder: folder, isApproving: false)
        let approving = Golden(folder: folder, isApproving: true)

        let missing = try #require(comparing.complaint(about: "area/name", text: "one"))
        #expect(missing.hasPrefix("no usable Tests/Golden/area/name.txt"))
        #expect(approving.complaint(about: "area/name", text: "one") == nil)
        #expect(comparing.complaint(about: "area/name", text: "one\n") == nil)
        let changed = try #require(comparing.complaint(about: "area/name", text: "two"))
        #expect(changed.hasPrefix("area/name changed: line 1 is 'two', approved was 'one'"))
    }
}
