import Primitives

/// An append-only file of records, each with its checks: `magic ‖ BE32 version`, then one frame after another.
///
/// A group of records is one write and one sync. A write or sync that fails is final: what the disk holds then is unknown,
/// and a second sync may report success for data that is gone. Opening again reads what is really there.
package struct FrameLog: Sendable {
    /// What kind of records a file holds.
    package struct Format: Sendable {
        /// The first bytes of every file of this kind.
        package let magic: Bytes
        package let version: UInt32
        /// Bytes of one record. Part of the format: every process can read every file.
        package let recordBytesMax: Int

        package init(magic: Bytes, version: UInt32, recordBytesMax: Int) {
            self.magic = magic
            self.version = version
            self.recordBytesMax = recordBytesMax
        }

        /// How every file of this kind begins.
        package var preamble: Bytes {
            var bytes = magic
            bytes.appendBigEndian(version)
            return bytes
        }
    }

    private let file: FrameFile
    /// Where the next frame goes; 0 as long as the file has no preamble.
    private var end: UInt64
    private var hasFailed = false
    /// Records in the file.
    package private(set) var count: UInt64
    /// Bytes of an unfinished record that opening took off: nobody was told of it.
    package let cutBytes: UInt64

    /// Goes on with a file from its end, reading what `reader` has not read yet. A last record that was cut short is taken
    /// off; anything else that is not as it was written throws, and the file is left alone.
    ///
    /// What was read is durable on return: the process that wrote it may have ended between a write and its sync, and what
    /// follows from a record must not outlive it.
    package init(after reader: FrameReader) throws(FrameLogError) {
        var reader = reader
        while try reader.next() != nil {}
        (file, count, end, cutBytes) = (reader.file, reader.count, reader.position, reader.unreadBytes)
        let (size, cut) = (end, cutBytes)
        if size == 0 && cut == 0 { return }
        try commit { (storage) throws(SystemCallError) in if cut > 0 { try storage.truncate(to: size) } }
    }

    /// Reads the whole file once and hands each record to `visit`, with the offset that reads it again; then as
    /// `init(after:)`.
    package init(
        storage: any LogStorage, format: Format, visit: (_ payload: Bytes, _ offset: UInt64) throws -> Void
    ) throws {
        var reader = try FrameReader(storage: storage, format: format)
        var offset = reader.position
        while let payload = try reader.next() {
            try visit(payload, offset)
            offset = reader.position
        }
        try self.init(after: reader)
    }

    /// Writes a group of records and returns when it survives a loss of power. The first group takes the preamble with it.
    ///
    /// - Returns: the offset of each record.
    /// - Throws: `.failedBefore` for every call after one that failed.
    package mutating func append(_ payloads: [Bytes]) throws(FrameLogError) -> [UInt64] {
        var group = end == 0 ? file.format.preamble : Bytes()
        group.reserveCapacity(payloads.reduce(group.count) { $0 + $1.count + LogFrame.headLength + 1 })
        var offsets: [UInt64] = []
        for (index, payload) in payloads.enumerated() {
            guard payload.count <= file.format.recordBytesMax else { throw .recordTooLarge(bytes: payload.count) }
            offsets.append(end + UInt64(group.count))
            LogFrame.append(payload, sequence: count + UInt64(index), to: &group)
        }
        let offset = end
        try commit { (storage) throws(SystemCallError) in try storage.write(group, at: offset) }
        end += UInt64(group.count)
        count += UInt64(payloads.count)
        return offsets
    }

    /// Reads one record again.
    ///
    /// - Parameter sequence: which record it must be, counted from 0; nil takes any.
    package func read(at offset: UInt64, sequence: UInt64? = nil) throws(FrameLogError) -> Bytes {
        guard let frame = try file.frame(at: offset, end: end, sequence: sequence) else {
            throw .damaged(offset: offset)
        }
        return frame.payload
    }

    /// Changes the file and syncs it. Once that has failed it is never tried again.
    private mutating func commit(_ change: (any LogStorage) throws(SystemCallError) -> Void) throws(FrameLogError) {
        if hasFailed { throw .failedBefore }
        hasFailed = true
        do throws(SystemCallError) {
            try change(file.storage)
            try file.storage.sync()
        } catch {
            throw .storage(error)
        }
        hasFailed = false
    }
}

/// Why a log file cannot be used.
package enum FrameLogError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A system call failed. After a failed write or sync the file is not written again by this process.
    case storage(SystemCallError)
    /// A write was asked for after one that failed.
    case failedBefore
    /// The file does not begin as a file of this kind does.
    case otherKind
    case unknownVersion(found: UInt32, known: UInt32)
    /// The bytes at `offset` are not those that were written: neither whole nor cut short.
    case damaged(offset: UInt64)
    /// A whole record stands where another should be.
    case outOfPlace(found: UInt64, expected: UInt64)
    case recordTooLarge(bytes: Int)

    package var description: String {
        switch self {
        case .storage(let error): "\(error)"
        case .failedBefore: "a write failed before, and the file is not written again"
        case .otherKind: "it is a file of another kind"
        case .unknownVersion(let found, let known): "it has format \(found), and this program reads format \(known)"
        case .damaged(let offset): "it is damaged at byte \(offset)"
        case .outOfPlace(let found, let expected): "it holds record \(found) where record \(expected) should be"
        case .recordTooLarge(let bytes): "a record has \(bytes) bytes, more than a file of this kind holds"
        }
    }
}
