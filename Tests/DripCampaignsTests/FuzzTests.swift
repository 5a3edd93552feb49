import DripCampaigns
import DripCore
import Testing

/// A small generator with a seed, so that a failure can be had again.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Spoiled files never crash the loader, and what it says of them always makes sense.
@Suite struct FuzzTests {
    private static let scraps: [[UInt8]] = [
        "*", "&a", "*a", "!", "!!int", "?", "? ", "[", "]", "{", "}", ": ", ":", "- ", "\n", "\r\n", "\t", "'", "\"",
        "#",
        "|", ">", "%", "%TAG ! a", "---\n", "...\n", "<<: ", "{{", "}}", "\\", "\u{FEFF}", "\u{2028}", "👩‍💻", "~", "null",
        "\u{E000}", "\u{0}", "24:00", "-", "0", "99999999999999999999", "name", "on", "../", "if", "not", "at_least",
    ].map { Array($0.utf8) }

    static func spoil(_ bytes: [UInt8], with random: inout SplitMix64) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: index)
            case 2: bytes.removeSubrange(index..<min(bytes.count, index + Int.random(in: 1...40, using: &random)))
            case 3:
                let end = min(bytes.count, index + Int.random(in: 1...40, using: &random))
                bytes.insert(contentsOf: bytes[index..<end], at: Int.random(in: 0...bytes.count, using: &random))
            default: bytes.insert(contentsOf: scraps.randomElement(using: &random) ?? [], at: index)
            }
        }
        return bytes
    }

    private static let rounds = 400

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func neverCrashesOnSpoiledFolders(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let paths = Sample.files.keys.sorted()
        for round in 0..<Self.rounds {
            var tree = Sample.tree()
            let path = paths[Int.random(in: 0..<paths.count, using: &random)]
            tree.files[path] = Self.spoil(tree.files[path] ?? [], with: &random)
            let result = CampaignLoader.load(tree, zones: Sample.zones)
            let lines = (tree.files[path] ?? []).count + 1
            for diagnostic in result.diagnostics {
                #expect(
                    !diagnostic.message.isEmpty && !diagnostic.description.contains("\n")
                        && (0...lines).contains(diagnostic.line) && diagnostic.column >= 0,
                    "seed \(seed), round \(round): \(diagnostic)")
            }
            let isWhole = !result.policyIsBroken && result.brokenCampaigns.isEmpty
            #expect(isWhole != result.hasErrors, "seed \(seed), round \(round): \(Sample.text(result.diagnostics))")
            #expect(Set(result.campaigns.keys).isDisjoint(with: result.brokenCampaigns))
        }
    }

    @Test(arguments: [5, 6] as [UInt64])
    func neverCrashesOnSpoiledConfigurations(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for round in 0..<Self.rounds {
            let bytes = Self.spoil(Array(ConfigurationLoaderTests.full.utf8), with: &random)
            let (configuration, diagnostics) = ConfigurationLoader.load(bytes, path: "dripd.yaml")
            let hasErrors = diagnostics.contains { $0.severity == .error }
            #expect((configuration == nil) == hasErrors, "seed \(seed), round \(round)")
        }
    }

    @Test(arguments: [7, 8] as [UInt64])
    func neverCrashesOnNoise(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<Self.rounds {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0...30, using: &random) {
                bytes += Self.scraps.randomElement(using: &random) ?? []
                if Bool.random(using: &random) { bytes.append(0x20) }
            }
            var tree = Sample.tree()
            tree.files["ebook/campaign.yaml"] = bytes
            tree.files["ebook/welcome.md"] = Array("---\n".utf8) + bytes + Array("\n---\nHi\n".utf8)
            #expect(CampaignLoader.load(tree, zones: Sample.zones).hasErrors)
        }
    }
}
