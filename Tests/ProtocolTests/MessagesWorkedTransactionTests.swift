import Cryptography
import Messages
import Primitives
import Testing
import WireFormat

/// A transfer signed by cosmpy 0.12.2, with its steps: key 11…11 sends 1000ngonka to the address of key 22…22, account number
/// 7, sequence 3, fee 200000ngonka, gas 200000, memo "hi".
@Suite("A worked transaction in SIGN_MODE_DIRECT")
struct MessagesWorkedTransactionTests {
    private static let bodyHex = """
        0a8c010a1c2f636f736d6f732e62616e6b2e763162657461312e4d736753656e64126c0a2c676f6e6b61316c336539706773336d6d77\
        7577726839356665636d6530733071746e32383830656c3439776d122c676f6e6b613132766678703233327278307a39727a6e306861\
        79396a707461676b38633836647270763261651a0e0a066e676f6e6b6112043130303012026869
        """
    private static let authHex = """
        0a500a460a1f2f636f736d6f732e63727970746f2e736563703235366b312e5075624b657912230a21034f355bdcb7cc0af728ef3cce\
        b9615d90684bb5b2ca5f859ab0f0b704075871aa12040a020801180312160a100a066e676f6e6b61120632303030303010c09a0c
        """
    private static let signatureHex = """
        59b204ccecab898d01b9676d099501a72718d6f576ba1f993abc4ce6f2755bfc\
        2ee2ad7a432404cd954c52aeb5990db3c611c1efb9a4b845f14ef84ec3bf2944
        """
    private static let digest = "19867173493b22fbff019e77c82d8fc3e2eee3740c1c33766725999933bf6ebe"
    private static let hash = "c5aa414a6c84ecc8ca48ced5170c927b48d3b18782340e0a5e717ffab9a97dac"

    private func bytes(_ hex: String) throws -> Bytes { try #require(Hex.decode(hex)) }

    @Test("Every part decodes to what was meant, and encodes to the same bytes")
    func decodes() throws {
        let body = try TransactionBody.decode(try bytes(Self.bodyHex))
        #expect(body.memo == "hi")
        #expect(body.messages.count == 1)
        let send = try MsgSend.decode(body.messages[0].value)
        #expect(send.from.bech32 == "gonka1l3e9pgs3mmwuwrh95fecme0s0qtn2880el49wm")
        #expect(send.to.bech32 == "gonka12vfxp232rx0z9rzn0hay9jptagk8c86drpv2ae")
        #expect(send.coins.map(\.inBaseCoins) == [Amount(1_000)])
        #expect(send.packed == body.messages[0])
        #expect(Hex.encode(body.encoded()) == Self.bodyHex)

        let authentication = try AuthenticationInfo.decode(try bytes(Self.authHex))
        #expect(authentication.signerInfos[0].sequence == 3)
        #expect(authentication.signerInfos[0].mode == .direct)
        #expect(authentication.fee.gasLimit == 200_000)
        #expect(authentication.fee.amount.map(\.inBaseCoins) == [Amount(200_000)])
        #expect(Hex.encode(authentication.encoded()) == Self.authHex)
    }

    @Test("The sign document, its digest, the signature and the transaction's hash are the same")
    func signs() throws {
        let document = SignDocument(
            bodyBytes: try bytes(Self.bodyHex), authInfoBytes: try bytes(Self.authHex), chainID: "gonka-mainnet",
            accountNumber: 7)
        let digest = Hash32.sha256(document.encoded())
        #expect(digest.description == Self.digest)
        #expect(try SignDocument.decode(document.encoded()) == document)

        let key = try #require(PrivateKey(Secret(Bytes(repeating: 0x11, count: 32))))
        let carried = try AuthenticationInfo.decode(document.authInfoBytes).signerInfos[0].publicKey
        #expect(carried == Secp256k1PublicKey(key: key.publicKey.compressed).packed)
        let signature = try #require(Signature(compact: try bytes(Self.signatureHex)))
        #expect(key.publicKey.verify(signature, of: digest))
        #expect(key.sign(digest) == signature)

        let raw = TransactionRaw(
            bodyBytes: document.bodyBytes, authInfoBytes: document.authInfoBytes, signatures: [signature.compact])
        #expect(Hash32.sha256(raw.encoded()).description == Self.hash)
        #expect(try TransactionRaw.decode(raw.encoded()) == raw)
    }
}
