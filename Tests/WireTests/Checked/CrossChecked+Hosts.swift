import Cryptography
import Foundation
import Messages
import Primitives
import SwiftProtobuf

extension MsgRegisterHost: CrossChecked {
    static func random(_ values: inout RandomValues) -> MsgRegisterHost {
        MsgRegisterHost(
            host: values.address(), url: values.text(), operatorKey: values.bytes(), consensusKey: values.bytes(),
            consensusSignature: values.bytes(), models: values.list { $0.identifier() })
    }

    var generated: Gonka_V1_MsgRegisterHost {
        .with {
            $0.host = host.bech32
            $0.url = url
            $0.operatorKey = Data(operatorKey)
            $0.consensusKey = Data(consensusKey)
            $0.consensusSignature = Data(consensusSignature)
            $0.models = models
        }
    }
}

extension ConsensusKeyStatement: CrossChecked {
    static func random(_ values: inout RandomValues) -> ConsensusKeyStatement {
        ConsensusKeyStatement(chainID: values.identifier(), host: values.address())
    }

    var generated: Gonka_V1_ConsensusKeyStatement {
        .with {
            $0.chainID = chainID
            $0.host = Data(host.bytes)
        }
    }

    static var fixedLengthFields: Set<UInt32> { [2] }
}

extension MsgUpdateHost: CrossChecked {
    static func random(_ values: inout RandomValues) -> MsgUpdateHost {
        MsgUpdateHost(host: values.address(), url: values.text(), models: values.list { $0.identifier() })
    }

    var generated: Gonka_V1_MsgUpdateHost {
        .with {
            $0.host = host.bech32
            $0.url = url
            $0.models = models
        }
    }
}

extension MsgRotateOperatorKey: CrossChecked {
    static func random(_ values: inout RandomValues) -> MsgRotateOperatorKey {
        MsgRotateOperatorKey(host: values.address(), operatorKey: values.bytes())
    }

    var generated: Gonka_V1_MsgRotateOperatorKey {
        .with {
            $0.host = host.bech32
            $0.operatorKey = Data(operatorKey)
        }
    }
}

extension MsgRetireHost: CrossChecked {
    static func random(_ values: inout RandomValues) -> MsgRetireHost { MsgRetireHost(host: values.address()) }

    var generated: Gonka_V1_MsgRetireHost { .with { $0.host = host.bech32 } }
}
