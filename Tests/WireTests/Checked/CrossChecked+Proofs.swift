import Foundation
import Primitives
import ProtocolRules
import StateStore
import SwiftProtobuf

extension CheckedType {
    static let proofs: [any CrossChecked.Type] = [
        StateProof.self, AbsenceProof.self, LeafProof.self, LeafOperation.self, LeafProof.Sibling.self,
        SumTreeNode.self, SumTreeProof.self, SumTreeMultiProof.self,
    ]
}

extension StateProof: CrossChecked {
    static func random(_ values: inout RandomValues) -> StateProof {
        values.decide() ? .existence(.random(&values)) : .absence(.random(&values))
    }

    var generated: Cosmos_Ics23_V1_CommitmentProof {
        .with {
            switch self {
            case .existence(let leaf): $0.exist = leaf.generated
            case .absence(let absence): $0.nonexist = absence.generated
            }
        }
    }

    static var isChoice: Bool { true }
}

extension AbsenceProof: CrossChecked {
    static func random(_ values: inout RandomValues) -> AbsenceProof {
        AbsenceProof(
            key: values.bytes(upTo: StateLimits.keyBytesMax), left: values.optional(LeafProof.random),
            right: values.optional(LeafProof.random))
    }

    var generated: Cosmos_Ics23_V1_NonExistenceProof {
        .with {
            $0.key = Data(key)
            if let left { $0.left = left.generated }
            if let right { $0.right = right.generated }
        }
    }
}

extension LeafProof: CrossChecked {
    static func random(_ values: inout RandomValues) -> LeafProof {
        LeafProof(
            key: values.bytes(upTo: StateLimits.keyBytesMax), value: values.bytes(),
            path: values.list(Sibling.random))
    }

    var generated: Cosmos_Ics23_V1_ExistenceProof {
        .with {
            $0.key = Data(key)
            $0.value = Data(value)
            $0.leaf = LeafOperation().generated
            $0.path = path.map(\.generated)
        }
    }
}

extension LeafOperation: CrossChecked {
    /// There is one.
    static func random(_: inout RandomValues) -> LeafOperation { LeafOperation() }

    var generated: Cosmos_Ics23_V1_LeafOp {
        .with {
            $0.hash = .sha256
            $0.prehashValue = .sha256
            $0.length = .varProto
            $0.prefix = Data([0])
        }
    }
}

extension LeafProof.Sibling: CrossChecked {
    static func random(_ values: inout RandomValues) -> LeafProof.Sibling {
        LeafProof.Sibling(isLeft: values.decide(), hash: values.hash())
    }

    var generated: Cosmos_Ics23_V1_InnerOp {
        .with {
            $0.hash = .sha256
            $0.prefix = Data(isLeft ? [1] + hash.bytes : [1])
            $0.suffix = Data(isLeft ? [] : hash.bytes)
        }
    }

    static var fixedLengthFields: Set<UInt32> { [3] }
}

extension SumTreeNode: CrossChecked {
    static func random(_ values: inout RandomValues) -> SumTreeNode {
        SumTreeNode(hash: values.hash(), sums: ItemSums(fee: values.amount(), tokens: values.number()))
    }

    var generated: Gonka_V1_SumTreeNode {
        .with {
            $0.hash = Data(hash.bytes)
            $0.fee = sums.fee.ngonka
            $0.tokens = sums.tokens
        }
    }

    static var fixedLengthFields: Set<UInt32> { [1] }
}

extension SumTreeProof: CrossChecked {
    static func random(_ values: inout RandomValues) -> SumTreeProof {
        SumTreeProof(index: values.number(), path: values.list(SumTreeNode.random))
    }

    var generated: Gonka_V1_SumTreeProof {
        .with {
            $0.index = index
            $0.path = path.map(\.generated)
        }
    }
}

extension SumTreeMultiProof: CrossChecked {
    static func random(_ values: inout RandomValues) -> SumTreeMultiProof {
        SumTreeMultiProof(indices: values.list { $0.number() }, siblings: values.list(SumTreeNode.random))
    }

    var generated: Gonka_V1_SumTreeMultiProof {
        .with {
            $0.indices = indices
            $0.siblings = siblings.map(\.generated)
        }
    }
}
