import Logging
import Primitives

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writes the access log behind the requests' backs: nobody waits for a disk, and where it does not keep up lines are dropped and
/// counted. The file is opened for each batch, so that it may be moved away at any time.
public final class AccessLog: Sendable {
    /// Where lines go.
    public enum Destination: Equatable, Sendable {
        case standardError
        /// The file of this path; created where it is missing, mode 0600.
        case file(String)
    }

    private let destination: Destination
    private let logger: Logger
    private let (lines, input) = AsyncStream<Bytes>.makeStream(
        bufferingPolicy: .bufferingOldest(Limits.accessLinesWaitingMax))

    init(_ destination: Destination, logger: Logger) {
        self.destination = destination
        self.logger = logger
    }

    func write(_ line: Bytes) { _ = input.yield(line) }

    /// Writes what comes until `close`, or until it is cancelled.
    func run() async {
        var isWritten = true
        for await line in lines {
            do throws(SmallFile.Failure) {
                try append(line)
                isWritten = true
            } catch {
                // Said once, however long it lasts.
                if isWritten { logger.warning("access log not written", metadata: ["error": "\(error)"]) }
                isWritten = false
            }
        }
    }

    /// Lets `run` end after the lines that are there.
    func close() { input.finish() }

    private func append(_ line: Bytes) throws(SmallFile.Failure) {
        guard case .file(let path) = destination else { return try Self.write(line, to: STDERR_FILENO) }
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw SmallFile.Failure(call: "open", code: errno) }
        defer { Self.close(file) }
        try Self.write(line, to: file)
    }

    private static func write(_ line: Bytes, to file: Int32) throws(SmallFile.Failure) {
        var rest = line[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { systemWrite(file, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw SmallFile.Failure(call: "write", code: errno) }
            rest = rest.dropFirst(count)
        }
    }

    private static func close(_ file: Int32) { _ = systemClose(file) }
}

// Members of the same names hide them.
private func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int { write(file, bytes, count) }
private func systemClose(_ file: Int32) -> Int32 { close(file) }
