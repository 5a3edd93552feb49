import DripCore
import Testing

/// A zone file to be spoiled: what RFC 9636 §3 lays out, field by field.
struct TZifFile {
    var version: UInt8 = 0x32
    var times: [Int64] = []
    var kinds: [UInt8] = []
    var types: [(offset: Int32, name: UInt8)] = [(0, 0)]
    var names: [UInt8] = [0x55, 0x54, 0x43, 0]
    var leaps = 0
    var standardIndicators = 0
    var utcIndicators = 0
    var footer = ""

    var bytes: [UInt8] {
        guard version > 0 else { return header + block(timeSize: 4) }
        var empty = TZifFile()
        empty.version = version
        return empty.header + empty.block(timeSize: 4) + header + block(timeSize: 8) + [10] + Array(footer.utf8) + [10]
    }

    private var header: [UInt8] {
        let counts = [utcIndicators, standardIndicators, leaps, times.count, types.count, names.count]
        return Array("TZif".utf8) + [version] + Array(repeating: 0, count: 15) + counts.flatMap { big(Int64($0), 4) }
    }

    private func block(timeSize: Int) -> [UInt8] {
        times.flatMap { big($0, timeSize) } + kinds + types.flatMap { big(Int64($0.offset), 4) + [0, $0.name] } + names
            + Array(repeating: 0, count: leaps * (timeSize + 4) + standardIndicators + utcIndicators)
    }

    private func big(_ value: Int64, _ size: Int) -> [UInt8] {
        (0..<size).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
}

@Suite struct TZifTests {
    /// LMT +0:07:48, then +1 at second 100, then +2 at second 200.
    private var file: TZifFile {
        TZifFile(
            times: [100, 200], kinds: [1, 2], types: [(468, 0), (3_600, 4), (7_200, 5)],
            names: Array("LMT\0AA1\0".utf8))
    }

    @Test func readsTheBlockOfEachVersion() throws {
        for version in [UInt8(0), 0x32, 0x33, 0x34] {
            var file = file
            file.version = version
            let zone = try Zone(name: "X", tzif: file.bytes)
            #expect(zone.offsetSeconds(at: Instant(seconds: -5_000_000_000)) == 468)
            #expect(zone.offsetSeconds(at: Instant(seconds: 99)) == 468)
            #expect(zone.offsetSeconds(at: Instant(milliseconds: 99_999)) == 468)
            #expect(zone.offsetSeconds(at: Instant(seconds: 100)) == 3_600)
            #expect(zone.abbreviation(at: Instant(seconds: 150)) == "AA1")
            #expect(zone.abbreviation(at: Instant(seconds: 250)) == "A1")
            // Without a rule the last type holds for ever.
            #expect(zone.offsetSeconds(at: .distantFuture) == 7_200)
            #expect(zone.nextTransition(after: Instant(seconds: 200)) == nil)
        }
    }

    @Test func readsA32BitTimeAsSigned() throws {
        var file = file
        file.version = 0
        file.times = [-2_147_483_648, 200]
        #expect(try Zone(name: "X", tzif: file.bytes).offsetSeconds(at: .epoch) == 3_600)
    }

    @Test func theRuleTakesOverAfterTheLastTransition() throws {
        var file = file
        file.footer = "CET-1CEST,M3.5.0,M10.5.0/3"
        let zone = try Zone(name: "X", tzif: file.bytes)
        #expect(zone.offsetSeconds(at: Instant(seconds: 199)) == 3_600)
        #expect(zone.abbreviation(at: try utc("1970-06-01T00:00:00Z")) == "CEST")
    }

    @Test func keepsTheTypeOfTransitionsThatNoInstantCanSay() throws {
        var file = file
        file.times = [-(1 << 59), 1 << 59]
        let zone = try Zone(name: "X", tzif: file.bytes)
        #expect(zone.offsetSeconds(at: Instant(milliseconds: .min)) == 3_600)
        #expect(zone.offsetSeconds(at: Instant(milliseconds: .max)) == 3_600)
        #expect(zone.nextTransition(after: Instant(milliseconds: .min)) == nil)
    }

    @Test func aCutStartIsATypeLikeAnyOther() throws {
        var file = file
        file.version = 0x34
        file.types[0] = (0, 0)
        file.names = Array("-00\0AA1\0".utf8)
        #expect(try Zone(name: "X", tzif: file.bytes).abbreviation(at: .epoch) == "-00")
    }

    @Test func refusesWhatIsNotAllowed() {
        func expect(_ error: ZoneError, _ spoil: (inout TZifFile) -> Void) {
            var file = file
            spoil(&file)
            #expect(throws: error) { try Zone(name: "X", tzif: file.bytes) }
        }
        expect(.countsLeapSeconds) { $0.leaps = 1 }
        expect(.corrupt("transitions out of order")) { $0.times = [200, 200] }
        expect(.corrupt("a transition to a type that is not there")) { $0.kinds = [1, 3] }
        expect(.corrupt("an offset of 93600 seconds")) { $0.types[1].offset = 93_600 }
        expect(.corrupt("an offset of -90000 seconds")) { $0.types[1].offset = -90_000 }
        expect(.corrupt("an offset of -2147483648 seconds")) { $0.types[1].offset = .min }
        expect(.corrupt("an abbreviation without its end")) { $0.types[1].name = 8 }
        expect(.corrupt("an abbreviation without its end")) { $0.types[1].name = 255 }
        expect(.corrupt("an abbreviation without its end")) { $0.names = Array("LMT\0AA1".utf8) }
        expect(.corrupt("no local time type")) { $0.types = [] }
        expect(.corrupt("no local time type")) { $0.names = [] }
        expect(.corrupt("a number of indicators that is not the number of types")) { $0.standardIndicators = 1 }
        expect(.corrupt("a number of indicators that is not the number of types")) { $0.utcIndicators = 2 }
        #expect(throws: ZoneError.notTZif) { try Zone(name: "X", tzif: []) }
        #expect(throws: ZoneError.notTZif) { try Zone(name: "X", tzif: Array("TZif".utf8)) }
        #expect(throws: ZoneError.notTZif) { try Zone(name: "X", tzif: Array(repeating: 0x54, count: 100)) }
        // 2³² − 1 transitions, in a file of 44 bytes.
        let header = Array("TZif\0".utf8) + Array(repeating: 0, count: 15)
        #expect(throws: ZoneError.corrupt("a count beyond any file's size")) {
            try Zone(name: "X", tzif: header + Array(repeating: 0xFF, count: 24))
        }
        let huge: [UInt8] = [0x7F, 0xFF, 0xFF, 0xFF]
        #expect(throws: ZoneError.truncated) {
            try Zone(name: "X", tzif: header + huge + huge + [0, 0, 0, 0] + huge + huge + huge)
        }
    }

    @Test func everyCutIsTruncated() throws {
        let bytes = try SystemZones.bytes("Europe/Dublin")
        for length in 0..<bytes.count {
            #expect(throws: ZoneError.self, "\(length)") { try Zone(name: "X", tzif: Array(bytes.prefix(length))) }
        }
    }

    @Test(arguments: [UInt64](1...8))
    func anyBytesGiveAZoneOrAnError(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let sound = [file.bytes, try SystemZones.bytes("Africa/Cairo"), TZifFile(footer: "AAA0BBB,J60,J365/25").bytes]
        for _ in 0..<400 {
            var bytes = random.pick(sound)
            for _ in 0..<random.number(1...6) {
                let index = Int(random.number(0...Int64(bytes.count - 1)))
                let bit = UInt8(1) << UInt8(random.number(0...7))
                bytes[index] = random.chance(50) ? UInt8(random.number(0...255)) : bytes[index] ^ bit
            }
            guard let zone = try? Zone(name: "X", tzif: bytes) else { continue }
            // Whatever it says, it says so without a trap, and keeps its one promise.
            for _ in 0..<10 {
                let at = Instant(seconds: random.number(-9_000_000_000...9_000_000_000))
                let again = zone.instant(of: zone.local(at: at))
                #expect(zone.local(at: again) >= zone.local(at: at), "seed \(seed)")
                _ = zone.nextTransition(after: at)
                _ = SendWindow.office.nextOpening(atOrAfter: at, in: zone)
            }
        }
    }
}
