import DurableFile
import Logging
import Primitives
import WireFormat

/// The append-only log of a host's items: numbered files, each begun with what the ones before it came to, so that a file
/// can go as soon as everything in it is settled.
///
/// Opening reads everything and begins a new file; a file is never written again by another process than the one that
/// began it.
struct ItemLog {
    /// Where an item lies.
    struct Position: Hashable, Sendable {
        let segment: UInt64
        let offset: UInt64
    }

    private struct Segment {
        let number: UInt64
        var file: FrameLog
        var holdsItems: Bool

        var name: String { ItemLog.name(of: number) }
    }

    private static let format = FrameLog.Format(
        magic: Bytes("gonkaitm".utf8), version: 1, recordBytesMax: Limits.recordBytesMax)
    private static let suffix = ".items"
    private static let digits = 20

    private let folder: any LogFolder
    /// Ascending; the last one is written.
    private var segments: [Segment] = []

    /// Reads all files, oldest first, and hands every record to `visit`. The log cannot be written before `begin`.
    ///
    /// - Throws: `ItemLogError`, with the name of the file.
    init(
        folder: any LogFolder, logger: Logger, visit: (ItemLogRecord, Position) throws -> Void
    ) throws {
        self.folder = folder
        for name in try folder.names() {
            guard let number = ItemLog.number(of: name) else { throw ItemLogError.foreignFile(name) }
            var holdsItems = false
            let storage = try folder.open(name)
            let file: FrameLog
            do {
                file = try FrameLog(storage: storage, format: ItemLog.format) { payload, offset in
                    let record = try ItemLogRecord.decode(payload)
                    if record.isItem { holdsItems = true }
                    try visit(record, Position(segment: number, offset: offset))
                }
            } catch let error as FrameLogError {
                throw ItemLogError.unusable(file: name, reason: error.description)
            } catch let error as WireError {
                throw ItemLogError.unusable(file: name, reason: "a record cannot be read: \(error)")
            }
            if file.cutBytes > 0 {
                logger.warning(
                    "took an unfinished record off the item log",
                    metadata: ["file": "\(name)", "bytes": "\(file.cutBytes)"])
            }
            segments.append(Segment(number: number, file: file, holdsItems: holdsItems))
        }
    }

    /// Begins a new file; what is written from now on goes there. A last file without items is dropped, but only when the
    /// new head, which says the same and more, survives a loss of power: it may be all that is known of some session.
    mutating func begin(_ head: SegmentHead) throws(ItemLogError) {
        let last = segments.last
        let number = (last?.number ?? 0) + 1
        do {
            let storage = try folder.open(ItemLog.name(of: number))
            var file = try FrameLog(storage: storage, format: ItemLog.format) { _, _ in }
            _ = try file.append([ItemLogRecord.head(head).encoded()])
            segments.append(Segment(number: number, file: file, holdsItems: false))
        } catch {
            throw .unusable(file: ItemLog.name(of: number), reason: "\(error)")
        }
        if let last, !last.holdsItems { try remove(last) }
    }

    /// Writes a group of records, with one sync.
    ///
    /// - Returns: where each lies.
    mutating func append(_ records: [ItemLogRecord]) throws(ItemLogError) -> [Position] {
        guard let last = segments.indices.last else { throw .notBegun }
        let number = segments[last].number
        do throws(FrameLogError) {
            let offsets = try segments[last].file.append(records.map { $0.encoded() })
            segments[last].holdsItems = true
            return offsets.map { Position(segment: number, offset: $0) }
        } catch {
            throw .unusable(file: segments[last].name, reason: error.description)
        }
    }

    /// Reads one item again.
    func item(at position: Position) throws(ItemLogError) -> FinishedItem {
        guard let segment = segments.first(where: { $0.number == position.segment }) else { throw .dropped }
        let payload: Bytes
        do throws(FrameLogError) { payload = try segment.file.read(at: position.offset) } catch {
            throw .unusable(file: segment.name, reason: error.description)
        }
        switch try? ItemLogRecord.decode(payload) {
        case .item(let item), .proof(let item): return item
        case .head, .voucher, nil:
            throw .unusable(file: segment.name, reason: "there is no item at byte \(position.offset)")
        }
    }

    /// Whether the file that is written now holds anything worth keeping.
    var currentHoldsItems: Bool { segments.last?.holdsItems ?? false }

    /// Removes every file but the current one whose number is not in `needed`.
    mutating func removeAll(except needed: Set<UInt64>) throws(ItemLogError) {
        for segment in segments.dropLast() where !needed.contains(segment.number) { try remove(segment) }
    }

    private mutating func remove(_ segment: Segment) throws(ItemLogError) {
        do throws(SystemCallError) { try folder.remove(segment.name) } catch {
            throw .unusable(file: segment.name, reason: error.description)
        }
        segments.removeAll { $0.number == segment.number }
    }

    private static func name(of number: UInt64) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text + suffix
    }

    private static func number(of name: String) -> UInt64? {
        guard name.hasSuffix(suffix), let number = UInt64(name.dropLast(suffix.count)) else { return nil }
        return self.name(of: number) == name ? number : nil
    }
}

/// Why the item log cannot be used. The host stops: without its log it could not claim what it is owed, and would not know
/// what it has promised.
public enum ItemLogError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Another process holds the folder.
    case busy(path: String)
    case unusable(file: String, reason: String)
    /// A file that is not part of a log.
    case foreignFile(String)
    /// The log belongs to another host or chain.
    case otherOwner(found: String, expected: String)
    case notBegun
    /// The item was settled long ago, and its file is gone.
    case dropped
    /// A write failed before; nothing is written any more.
    case failedBefore

    public var description: String {
        switch self {
        case .busy(let path): "The item log in \(path) is open in another process; stop that one first."
        case .unusable(let file, let reason): "The item log's file \(file) cannot be used: \(reason)."
        case .foreignFile(let name): "The item log's folder holds a file that is not its own: \(name); move it away."
        case .otherOwner(let found, let expected): "The item log belongs to \(found), and this host is \(expected)."
        case .notBegun: "The item log has not been begun."
        case .dropped: "The item's file was removed after settlement."
        case .failedBefore: "The item log had a failed write before and is not written again; restart the host."
        }
    }
}
