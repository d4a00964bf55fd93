import Cryptography
import Messages
import Primitives
import Testing
import WireFormat

@testable import Wallet

/// What cosmpy 0.12.2 was measured to send.
@Suite struct TransactionSignerTests {
    private let key: PrivateKey
    private let receiver: Address

    init() throws {
        key = try #require(PrivateKey(Secret(Bytes(repeating: 0x11, count: 32))))
        receiver = try #require(Address(bech32: "gonka12vfxp232rx0z9rzn0hay9jptagk8c86drpv2ae"))
    }

    private func transfer(_ signer: TransactionSigner) -> SignedTransaction {
        let message = MsgSend(from: signer.address, to: receiver, amount: Amount(1000))
        return signer.sign(
            TransactionBody(messages: [message.packed], memo: "hi"),
            fee: TransactionFee(amount: [Coin(Amount(200_000))], gasLimit: 200_000), accountNumber: 7, sequence: 3)
    }

    @Test func theMeasuredTransfer() throws {
        let body =
            "0a8c010a1c2f636f736d6f732e62616e6b2e763162657461312e4d736753656e64126c0a2c676f6e6b61316c336539706773336d6d"
            + "777577726839356665636d6530733071746e32383830656c3439776d122c676f6e6b613132766678703233327278307a39727a6e3068"
            + "6179396a707461676b38633836647270763261651a0e0a066e676f6e6b6112043130303012026869"
        let authInfo =
            "0a500a460a1f2f636f736d6f732e63727970746f2e736563703235366b312e5075624b657912230a21034f355bdcb7cc0af728ef3cce"
            + "b9615d90684bb5b2ca5f859ab0f0b704075871aa12040a020801180312160a100a066e676f6e6b61120632303030303010c09a0c"
        let signature =
            "59b204ccecab898d01b9676d099501a72718d6f576ba1f993abc4ce6f2755bfc"
            + "2ee2ad7a432404cd954c52aeb5990db3c611c1efb9a4b845f14ef84ec3bf2944"
        let document = SignDocument(
            bodyBytes: try #require(Hex.decode(body)), authInfoBytes: try #require(Hex.decode(authInfo)),
            chainID: "gonka-mainnet", accountNumber: 7)
        let signed = transfer(TransactionSigner(key: key, uncheckedChainID: "gonka-mainnet"))
        #expect(
            Hash32.sha256(document.encoded()).description
                == "19867173493b22fbff019e77c82d8fc3e2eee3740c1c33766725999933bf6ebe")
        #expect(Hex.encode(signed.bytes) == "0a9301" + body + "126a" + authInfo + "1a40" + signature)
        #expect(signed.hash.description == "c5aa414a6c84ecc8ca48ced5170c927b48d3b18782340e0a5e717ffab9a97dac")
    }

    /// gonka-wallet always names a fee coin, with amount 0 unless told otherwise.
    @Test func aFeeOfZeroMayBeWrittenOrLeftOut() throws {
        let signer = try TransactionSigner(key: key, chainID: "gonka-swift-devnet-1")
        let body = TransactionBody(messages: [MsgSend(from: signer.address, to: receiver, amount: Amount(1)).packed])
        for coins in [[], [Coin(.zero)]] {
            let fee = TransactionFee(amount: coins, gasLimit: 1)
            let signed = signer.sign(body, fee: fee, accountNumber: 0, sequence: 0)
            let raw = try TransactionRaw.decode(signed.bytes)
            #expect(try AuthenticationInfo.decode(raw.authInfoBytes).fee == fee)
        }
    }

    @Test(arguments: ["gonka-mainnet", "", "gonka", "gonka-swift", "GONKA-SWIFT-devnet-1", "cosmoshub-4"])
    func otherChainsAreRefused(chainID: String) {
        #expect(throws: ForeignChainError(chainID: chainID)) { try TransactionSigner(key: key, chainID: chainID) }
    }

    @Test func theChainIsPartOfWhatIsSigned() throws {
        let first = transfer(try TransactionSigner(key: key, chainID: "gonka-swift-devnet-1"))
        let second = transfer(try TransactionSigner(key: key, chainID: "gonka-swift-devnet-2"))
        #expect(first == transfer(try TransactionSigner(key: key, chainID: "gonka-swift-devnet-1")))
        #expect(first != second)
    }
}
