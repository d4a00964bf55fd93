import Foundation
import Messages
import Primitives
import ProtocolRules
import SwiftProtobuf

extension CheckedType {
    static let statements: [any CrossChecked.Type] = [
        Voucher.self, Signed<Voucher>.self, Receipt.self, Signed<Receipt>.self, WorkItem.self, WorkItem.Serving.self,
        SamplingParameters.self, AuditRequest.self, Signed<AuditRequest>.self, AuditPayload.self,
    ]
}

/// A statement whose signed form has a message of its own in `proto/`, where there are no generic messages.
protocol CrossCheckedStatement: CrossChecked, SignedStatement {
    associatedtype SignedGenerated: SwiftProtobuf.Message & Equatable

    static func signed(_ statement: Generated, _ signature: Data) -> SignedGenerated
}

extension Signed: CrossChecked where Statement: CrossCheckedStatement {
    static func random(_ values: inout RandomValues) -> Signed {
        Signed(statement: .random(&values), signature: values.bytes())
    }

    var generated: Statement.SignedGenerated { Statement.signed(statement.generated, Data(signature)) }
}

extension Voucher: CrossCheckedStatement {
    static func random(_ values: inout RandomValues) -> Voucher {
        Voucher(
            chainID: values.identifier(), session: values.number(), executor: values.address(),
            sequence: values.number(),
            height: values.number(), requestDigest: values.hash(), amount: values.amount())
    }

    var generated: Gonka_V1_Voucher {
        .with {
            $0.chainID = chainID
            $0.session = session
            $0.executor = Data(executor.bytes)
            $0.sequence = sequence
            $0.height = height
            $0.requestDigest = Data(requestDigest.bytes)
            $0.amount = amount.ngonka
        }
    }

    static func signed(_ statement: Gonka_V1_Voucher, _ signature: Data) -> Gonka_V1_SignedVoucher {
        .with {
            $0.statement = statement
            $0.signature = signature
        }
    }

    static var fixedLengthFields: Set<UInt32> { [3, 6] }
}

extension Receipt: CrossCheckedStatement {
    static func random(_ values: inout RandomValues) -> Receipt {
        Receipt(
            chainID: values.identifier(), executor: values.address(), operatorKey: values.bytes(),
            round: values.number(),
            item: .random(&values), answerDigest: values.hash(), isUnproven: values.flag())
    }

    var generated: Gonka_V1_Receipt {
        .with {
            $0.chainID = chainID
            $0.executor = Data(executor.bytes)
            $0.operatorKey = Data(operatorKey)
            $0.round = round
            $0.item = item.generated
            $0.answerDigest = Data(answerDigest.bytes)
            $0.unproven = isUnproven
        }
    }

    static func signed(_ statement: Gonka_V1_Receipt, _ signature: Data) -> Gonka_V1_SignedReceipt {
        .with {
            $0.statement = statement
            $0.signature = signature
        }
    }

    static var fixedLengthFields: Set<UInt32> { [2, 6] }
}

extension WorkItem: CrossChecked {
    static func random(_ values: inout RandomValues) -> WorkItem {
        let promptTokens = values.number()
        return WorkItem(
            kind: values.one(of: RoundKind.allCases), model: values.identifier(), promptDigest: values.hash(),
            sampling: .random(&values), seed: values.hash(), outputDigest: values.hash(), promptTokens: promptTokens,
            cachedTokens: values.number(in: 0...promptTokens), outputTokens: values.number(),
            finishReason: values.one(of: [.stop, .length, .cancelled]), fingerprintCommitment: values.hash(),
            serving: values.optional(Serving.random))
    }

    var generated: Gonka_V1_WorkItem {
        .with {
            $0.kind = enumeration(kind.rawValue)
            $0.model = model
            $0.promptDigest = Data(promptDigest.bytes)
            $0.sampling = sampling.generated
            $0.seed = Data(seed.bytes)
            $0.outputDigest = Data(outputDigest.bytes)
            $0.promptTokens = promptTokens
            $0.cachedTokens = cachedTokens
            $0.outputTokens = outputTokens
            $0.finishReason = enumeration(finishReason.rawValue)
            $0.fingerprintCommitment = Data(fingerprintCommitment.bytes)
            if let serving { $0.serving = serving.generated }
        }
    }

    static var fixedLengthFields: Set<UInt32> { [3, 5, 6, 11] }
}

extension WorkItem.Serving: CrossChecked {
    static func random(_ values: inout RandomValues) -> WorkItem.Serving {
        WorkItem.Serving(
            session: values.number(), number: values.number(), sequence: values.number(), voucherDigest: values.hash(),
            requestDigest: values.hash(), fee: values.amount(),
            choice: UInt32(values.number(in: 0...UInt64(UInt32.max))))
    }

    var generated: Gonka_V1_WorkItem.Serving {
        .with {
            $0.session = session
            $0.number = number
            $0.sequence = sequence
            $0.voucherDigest = Data(voucherDigest.bytes)
            $0.requestDigest = Data(requestDigest.bytes)
            $0.fee = fee.ngonka
            $0.choice = choice
        }
    }

    static var fixedLengthFields: Set<UInt32> { [4, 5] }
}

extension SamplingParameters: CrossChecked {
    static func random(_ values: inout RandomValues) -> SamplingParameters {
        func upTo(_ most: UInt32, _ values: inout RandomValues) -> UInt32 {
            UInt32(values.number(in: 0...UInt64(most)))
        }
        func penalty(_ values: inout RandomValues) -> Int32 {
            Int32(upTo(maximum, &values)) * (values.decide() ? 1 : -1)
        }
        do throws(RangeError) {
            return try SamplingParameters(
                temperature: upTo(maximum, &values), topP: upTo(unit, &values), minP: upTo(unit, &values),
                topK: upTo(.max, &values), presencePenalty: penalty(&values), frequencyPenalty: penalty(&values))
        } catch { preconditionFailure("all are within their ranges") }
    }

    var generated: Gonka_V1_SamplingParameters {
        .with {
            $0.temperature = temperature
            $0.topP = topP
            $0.minP = minP
            $0.topK = topK
            $0.presencePenalty = presencePenalty
            $0.frequencyPenalty = frequencyPenalty
        }
    }
}

extension AuditRequest: CrossCheckedStatement {
    static func random(_ values: inout RandomValues) -> AuditRequest {
        AuditRequest(
            chainID: values.identifier(), auditor: values.address(), claimant: values.address(), round: values.number(),
            entry: values.number(), number: values.number(), height: values.number()
        )
    }

    var generated: Gonka_V1_AuditRequest {
        .with {
            $0.chainID = chainID
            $0.auditor = Data(auditor.bytes)
            $0.claimant = Data(claimant.bytes)
            $0.round = round
            $0.entry = entry
            $0.number = number
            $0.height = height
        }
    }

    static func signed(_ statement: Gonka_V1_AuditRequest, _ signature: Data) -> Gonka_V1_SignedAuditRequest {
        .with {
            $0.statement = statement
            $0.signature = signature
        }
    }

    static var fixedLengthFields: Set<UInt32> { [2, 3] }
}

extension AuditPayload: CrossChecked {
    static func random(_ values: inout RandomValues) -> AuditPayload {
        AuditPayload(
            item: .random(&values), proof: .random(&values), outputTokens: values.list { $0.number() },
            body: values.bytes(), voucher: values.optional(Signed<Voucher>.random)
        )
    }

    var generated: Gonka_V1_AuditPayload {
        .with {
            $0.item = item.generated
            $0.proof = proof.generated
            $0.outputTokens = outputTokens
            $0.body = Data(body)
            if let voucher { $0.voucher = voucher.generated }
        }
    }
}
