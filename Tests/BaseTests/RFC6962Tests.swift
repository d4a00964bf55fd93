import Cryptography
import Primitives
import Testing

@Suite struct RFC6962Tests {
    /// The leaves and roots that the Certificate Transparency implementations test with.
    private static let leaves = [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    ]
    private static let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    @Test(arguments: roots.indices) func knownRoots(_ count: Int) throws {
        let leaves = try RFC6962Tests.leaves.prefix(count).map { try #require(Hex.decode($0)) }
        #expect(RFC6962.root(of: leaves).description == RFC6962Tests.roots[count])
    }

    /// The definition of section 2.1, split by split.
    private func rootByDefinition(_ leaves: ArraySlice<Bytes>) -> Hash32 {
        guard let first = leaves.first else { return .sha256([] as Bytes) }
        if leaves.count == 1 { return RFC6962.leafHash(first) }
        var split = 1
        while split * 2 < leaves.count { split *= 2 }
        return RFC6962.nodeHash(rootByDefinition(leaves.prefix(split)), rootByDefinition(leaves.dropFirst(split)))
    }

    @Test func rootsAgreeWithTheDefinitionAtEverySizeUpTo130() {
        let leaves = (0..<130).map { Bytes.bigEndian(UInt64($0)) }
        for count in 0...leaves.count {
            #expect(RFC6962.root(of: Array(leaves.prefix(count))) == rootByDefinition(leaves.prefix(count)))
        }
    }

}
