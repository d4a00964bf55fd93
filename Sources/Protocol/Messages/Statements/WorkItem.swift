import Primitives
import ProtocolRules
import WireFormat

/// One finished piece of work: the leaf that a claim is made of and that auditors check (protocol.md section 4).
public struct WorkItem: CanonicalMessage, Equatable {
    public var kind: RoundKind
    public var model: String
    /// SHA-256 of the rendered prompt's token ids, LE32 each.
    public var promptDigest: Hash32
    public var sampling: SamplingParameters
    /// 32 bytes; every random choice follows from it.
    public var seed: Hash32
    /// SHA-256 of the output's token ids, LE32 each.
    public var outputDigest: Hash32
    public var promptTokens: UInt64
    /// Prompt tokens that the executor had computed before; in [0, promptTokens].
    public var cachedTokens: UInt64
    public var outputTokens: UInt64
    public var finishReason: FinishReason
    /// SHA256(16-byte salt ‖ fingerprint).
    public var fingerprintCommitment: Hash32
    /// Present where somebody asked and pays.
    public var serving: Serving?

    /// What binds an item to the request that it answers.
    public struct Serving: CanonicalMessage, Equatable {
        public var session: UInt64
        /// The executor's count of items in this session, from 1.
        public var number: UInt64
        /// The voucher's sequence.
        public var sequence: UInt64
        /// SHA-256 of the voucher's canonical bytes, without the signature.
        public var voucherDigest: Hash32
        public var requestDigest: Hash32
        public var fee: Amount
        /// Which of a request's `n` choices, from 0.
        public var choice: UInt32

        public init(
            session: UInt64, number: UInt64, sequence: UInt64, voucherDigest: Hash32, requestDigest: Hash32,
            fee: Amount,
            choice: UInt32
        ) {
            self.session = session
            self.number = number
            self.sequence = sequence
            self.voucherDigest = voucherDigest
            self.requestDigest = requestDigest
            self.fee = fee
            self.choice = choice
        }

        public init(from decoder: inout ProtobufDecoder) throws(WireError) {
            var voucher: Hash32?
            var request: Hash32?
            (session, number, sequence, fee, choice) = (0, 0, 0, .zero, 0)
            while let field = try decoder.nextField() {
                switch field {
                case 1: session = try decoder.unsigned()
                case 2: number = try decoder.unsigned()
                case 3: sequence = try decoder.unsigned()
                case 4: voucher = try decoder.hash()
                case 5: request = try decoder.hash()
                case 6: fee = Amount(try decoder.unsigned())
                case 7: choice = try decoder.unsigned32()
                default: throw decoder.unknownField()
                }
            }
            voucherDigest = try required(voucher, field: 4)
            requestDigest = try required(request, field: 5)
        }

        public func encode(to encoder: inout ProtobufEncoder) {
            encoder.write(session, field: 1)
            encoder.write(number, field: 2)
            encoder.write(sequence, field: 3)
            encoder.write(voucherDigest, field: 4)
            encoder.write(requestDigest, field: 5)
            encoder.write(fee.ngonka, field: 6)
            encoder.write(UInt64(choice), field: 7)
        }
    }

    /// What the item adds to a claim's sum of fees; 0 for work that nobody asked for.
    public var fee: Amount { serving?.fee ?? .zero }

    public init(
        kind: RoundKind, model: String, promptDigest: Hash32, sampling: SamplingParameters, seed: Hash32,
        outputDigest: Hash32, promptTokens: UInt64, cachedTokens: UInt64, outputTokens: UInt64,
        finishReason: FinishReason, fingerprintCommitment: Hash32, serving: Serving?
    ) {
        self.kind = kind
        self.model = model
        self.promptDigest = promptDigest
        self.sampling = sampling
        self.seed = seed
        self.outputDigest = outputDigest
        self.promptTokens = promptTokens
        self.cachedTokens = cachedTokens
        self.outputTokens = outputTokens
        self.finishReason = finishReason
        self.fingerprintCommitment = fingerprintCommitment
        self.serving = serving
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var hashes: [UInt32: Hash32] = [:]
        var kind: RoundKind?
        var sampling: SamplingParameters?
        (model, promptTokens, cachedTokens, outputTokens) = ("", 0, 0, 0)
        var finish: FinishReason?
        while let field = try decoder.nextField() {
            switch field {
            case 1:
                kind = RoundKind(rawValue: try decoder.unsigned())
                if kind == nil { throw decoder.invalidValue() }
            case 2: model = try decoder.identifier()
            case 3, 5, 6, 11: hashes[field] = try decoder.hash()
            case 4: sampling = try decoder.message(SamplingParameters.self)
            case 7: promptTokens = try decoder.unsigned()
            case 8:
                cachedTokens = try decoder.unsigned()
                if cachedTokens > promptTokens { throw decoder.invalidValue() }
            case 9: outputTokens = try decoder.unsigned()
            case 10:
                finish = FinishReason(rawValue: try decoder.unsigned())
                if finish == nil { throw decoder.invalidValue() }
            case 12: serving = try decoder.message(Serving.self)
            default: throw decoder.unknownField()
            }
        }
        self.kind = try required(kind, field: 1)
        promptDigest = try required(hashes[3], field: 3)
        self.sampling = try required(sampling, field: 4)
        seed = try required(hashes[5], field: 5)
        outputDigest = try required(hashes[6], field: 6)
        finishReason = try required(finish, field: 10)
        fingerprintCommitment = try required(hashes[11], field: 11)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(kind.rawValue, field: 1)
        encoder.write(model, field: 2)
        encoder.write(promptDigest, field: 3)
        encoder.write(sampling, field: 4)
        encoder.write(seed, field: 5)
        encoder.write(outputDigest, field: 6)
        encoder.write(promptTokens, field: 7)
        encoder.write(cachedTokens, field: 8)
        encoder.write(outputTokens, field: 9)
        encoder.write(finishReason.rawValue, field: 10)
        encoder.write(fingerprintCommitment, field: 11)
        encoder.write(serving, field: 12)
    }
}

/// Why an answer ended.
public enum FinishReason: UInt64, Sendable {
    /// An end token, or one of the request's stop texts.
    case stop = 1
    /// The request's or the context's limit of tokens.
    case length = 2
    /// The client went away; what was generated is charged.
    case cancelled = 3

    /// OpenAI's word.
    public var name: String {
        switch self {
        case .stop: "stop"
        case .length: "length"
        case .cancelled: "cancelled"
        }
    }
}
