import Cryptography
import Logging
import Messages
import NIOCore
import OpenAIWire
import Primitives

/// One host's answer on its way to the client: reads events, checks them, hands them on as they come, or keeps them for a
/// client that wants them in one piece.
///
/// Little is read ahead of what was asked for, so a client that reads slowly slows its host down. Whoever drops it cancels the
/// request at the host.
actor HostStream {
    private let hold: EngagementHold
    private let reader: AnswerReader
    private let bill: Bill?
    private let logger: Logger
    private let limits: AnswerLimits
    private let deadlines: AnswerDeadlines
    private var parser = SSEParser()
    private var progress: StreamProgress
    /// Events that may go out, encoded.
    private var ready = ByteBuffer()
    private var hasEnded = false
    /// What ended it after it had begun, until it was thrown.
    private var pendingFault: HostFault?
    /// What the host calls its answer, once its first chunk has come.
    var answerID: String? { progress.answerID }
    private var isAbandoned = false
    /// What came before the first token, in bytes.
    private var preambleBytes = 0

    /// - Parameters:
    ///   - isKept: whether the answer is kept for `whole`, and not handed on.
    ///   - deadlines: as they were when the request was sent.
    init(
        _ hold: EngagementHold, reader: AnswerReader, isKept: Bool, limits: AnswerLimits,
        deadlines: AnswerDeadlines, bill: Bill? = nil, logger: Logger
    ) {
        self.hold = hold
        self.reader = reader
        self.limits = limits
        self.deadlines = deadlines
        self.bill = bill
        self.logger = logger
        progress = StreamProgress(ReceiptCheck(engagement: hold.engagement), isKept: isKept)
    }

    /// Reads until the first token; until then another host can take over.
    ///
    /// - Throws: `HostFault`, or `CancellationError`. The engagement is then still open.
    func begin() async throws {
        while !progress.hasBegun { try await read(by: deadlines.firstToken) }
    }

    /// Reads to the end; until then another host can take over, since nothing went to the client.
    ///
    /// - Throws: `HostFault`, or `CancellationError`. The engagement is then still open.
    func whole() async throws -> ByteBuffer {
        while !hasEnded { try await read() }
        guard let response = progress.whole?.response else { throw HostFault.unfinished }
        settle()
        return ByteBuffer(bytes: response.encoded())
    }

    /// What goes to the client next, or nil at the end.
    ///
    /// - Throws: `HostFault` after all that came before it, once; the engagement has then ended. `CancellationError`.
    func nextOrFault() async throws -> ByteBuffer? {
        do {
            while ready.readableBytes == 0, !hasEnded { try await read() }
        } catch let fault as HostFault {
            await fail(fault)
        } catch {
            await hold.abandon(conduct: .unknown)
            throw error
        }
        if ready.readableBytes == 0, let fault = pendingFault {
            pendingFault = nil
            throw fault
        }
        // With the last piece of a whole answer; a fault is settled by whoever knows that no other host goes on.
        if hasEnded, pendingFault == nil { settle() }
        guard ready.readableBytes > 0 else { return nil }
        defer { ready = ByteBuffer() }
        return ready
    }

    /// Charges whoever asked for what the client has got receipts for; only the first charge of a request counts.
    func settle() { bill?.charge(progress.fees, for: progress.usage) }

    /// Ends the request without reading on: the client is gone.
    func abandon() async {
        isAbandoned = true
        reader.cancel()
        await hold.abandon(conduct: .unknown)
    }

    private func read(by deadline: Deadline? = nil) async throws {
        guard let piece = try await reader.next(by: deadline) else { throw HostFault.unfinished }
        // A host that sends without a pause is never waited for.
        guard !(deadline ?? deadlines.end).hasPassed else { throw HostFault.timedOut }
        let events: [SSEEvent]
        do { events = try parser.consume(Bytes(buffer: piece)) } catch { throw HostFault.malformed(error) }
        for event in events where !hasEnded { try await take(event) }
        guard !progress.hasBegun else { return }
        preambleBytes += piece.readableBytes
        guard preambleBytes <= limits.preambleBytesMax else { throw HostFault.preambleTooLong }
    }

    private func take(_ event: SSEEvent) async throws {
        let step = try progress.take(event)
        hold.owe(progress.owed)
        hold.count()
        if progress.whole == nil { ready.writeBytes(SSEEncoder.event(event.data)) }
        guard step == .complete else { return }
        hasEnded = true
        await hold.release(fee: progress.fees, conduct: .good)
    }

    private func fail(_ fault: HostFault) async {
        (hasEnded, pendingFault) = (true, fault)
        if !isAbandoned { hold.metrics.brokeOff(fault) }
        logger.debug(
            "answer broke off", metadata: ["host": "\(hold.engagement.host.bech32)", "fault": "\(fault)"])
        await hold.abandon(conduct: fault.conduct(for: hold.engagement.voucher.statement.requestDigest))
    }
}
