import Cryptography
import Foundation
import Messages
import Primitives
import SwiftProtobuf

extension TransactionRaw: CrossChecked {
    static func random(_ values: inout RandomValues) -> TransactionRaw {
        TransactionRaw(
            bodyBytes: values.bytes(), authInfoBytes: values.bytes(), signatures: values.list { $0.bytes() })
    }

    var generated: Cosmos_Tx_V1beta1_TxRaw {
        .with {
            $0.bodyBytes = Data(bodyBytes)
            $0.authInfoBytes = Data(authInfoBytes)
            $0.signatures = signatures.map { Data($0) }
        }
    }
}

extension SignDocument: CrossChecked {
    static func random(_ values: inout RandomValues) -> SignDocument {
        SignDocument(
            bodyBytes: values.bytes(), authInfoBytes: values.bytes(), chainID: values.identifier(),
            accountNumber: values.number())
    }

    var generated: Cosmos_Tx_V1beta1_SignDoc {
        .with {
            $0.bodyBytes = Data(bodyBytes)
            $0.authInfoBytes = Data(authInfoBytes)
            $0.chainID = chainID
            $0.accountNumber = accountNumber
        }
    }
}

extension TransactionBody: CrossChecked {
    static func random(_ values: inout RandomValues) -> TransactionBody {
        var body = TransactionBody(
            messages: values.list(AnyMessage.random), memo: values.text(), timeoutHeight: values.number())
        body.isUnordered = values.flag()
        body.timeoutTimestamp = values.bytes()
        body.extensionOptions = values.list(AnyMessage.random)
        body.nonCriticalExtensionOptions = values.list(AnyMessage.random)
        return body
    }

    var generated: Cosmos_Tx_V1beta1_TxBody {
        .with {
            $0.messages = messages.map(\.generated)
            $0.memo = memo
            $0.timeoutHeight = timeoutHeight
            $0.unordered = isUnordered
            $0.timeoutTimestamp = Data(timeoutTimestamp)
            $0.extensionOptions = extensionOptions.map(\.generated)
            $0.nonCriticalExtensionOptions = nonCriticalExtensionOptions.map(\.generated)
        }
    }
}

extension AnyMessage: CrossChecked {
    static func random(_ values: inout RandomValues) -> AnyMessage {
        AnyMessage(typeURL: values.identifier(), value: values.bytes())
    }

    var generated: Google_Protobuf_Any {
        .with {
            $0.typeURL = typeURL
            $0.value = Data(value)
        }
    }
}

extension AuthenticationInfo: CrossChecked {
    static func random(_ values: inout RandomValues) -> AuthenticationInfo {
        AuthenticationInfo(signerInfos: values.list(SignerInfo.random), fee: .random(&values))
    }

    var generated: Cosmos_Tx_V1beta1_AuthInfo {
        .with {
            $0.signerInfos = signerInfos.map(\.generated)
            $0.fee = fee.generated
        }
    }
}

extension SignerInfo: CrossChecked {
    static func random(_ values: inout RandomValues) -> SignerInfo {
        SignerInfo(
            publicKey: values.optional(AnyMessage.random), mode: SingleMode.random(&values).mode,
            sequence: values.number())
    }

    var generated: Cosmos_Tx_V1beta1_SignerInfo {
        .with {
            if let publicKey { $0.publicKey = publicKey.generated }
            $0.modeInfo = ModeInfo(single: SingleMode(mode: mode)).generated
            $0.sequence = sequence
        }
    }
}

extension ModeInfo: CrossChecked {
    static func random(_ values: inout RandomValues) -> ModeInfo { ModeInfo(single: .random(&values)) }

    var generated: Cosmos_Tx_V1beta1_ModeInfo { .with { $0.single = single.generated } }
}

extension SingleMode: CrossChecked {
    static func random(_ values: inout RandomValues) -> SingleMode {
        SingleMode(mode: values.flag() ? values.one(of: [.direct, .legacyAminoJSON]) : .unspecified)
    }

    var generated: Cosmos_Tx_V1beta1_ModeInfo.Single { .with { $0.mode = enumeration(mode.rawValue) } }
}

extension TransactionFee: CrossChecked {
    static func random(_ values: inout RandomValues) -> TransactionFee {
        var fee = TransactionFee(amount: values.list(Coin.random), gasLimit: values.number())
        fee.payer = values.text()
        fee.granter = values.text()
        return fee
    }

    var generated: Cosmos_Tx_V1beta1_Fee {
        .with {
            $0.amount = amount.map(\.generated)
            $0.gasLimit = gasLimit
            $0.payer = payer
            $0.granter = granter
        }
    }
}

extension Coin: CrossChecked {
    static func random(_ values: inout RandomValues) -> Coin {
        var coin = Coin(values.amount())
        if values.decide() { (coin.denomination, coin.amount) = (values.identifier(), values.identifier()) }
        return coin
    }

    var generated: Cosmos_Base_V1beta1_Coin {
        .with {
            $0.denom = denomination
            $0.amount = amount
        }
    }
}

extension Secp256k1PublicKey: CrossChecked {
    static func random(_ values: inout RandomValues) -> Secp256k1PublicKey { Secp256k1PublicKey(key: values.bytes()) }

    var generated: Cosmos_Crypto_Secp256k1_PubKey { .with { $0.key = Data(key) } }
}

extension MsgSend: CrossChecked {
    static func random(_ values: inout RandomValues) -> MsgSend {
        var message = MsgSend(from: values.address(), to: values.address(), amount: .zero)
        message.coins = values.list(Coin.random)
        return message
    }

    var generated: Cosmos_Bank_V1beta1_MsgSend {
        .with {
            $0.fromAddress = from.bech32
            $0.toAddress = to.bech32
            $0.amount = coins.map(\.generated)
        }
    }
}
