import DripCore
import DripStore
import DripTesting
import Testing

@testable import DripStoreSQLite

@Suite struct PackedBytesTests {
    /// Campaigns are their own numbers here; `t1` is the word 1, and other topics have none.
    private func packed(_ charges: [Charge]) throws -> [UInt8]? {
        try pack(
            charges: charges, campaign: { name throws(StoreError) in Int64(name.rawValue) ?? 0 },
            word: { text throws(StoreError) in text == "t1" ? 1 : nil })
    }

    private func unpacked(_ bytes: [UInt8]) throws -> [Charge] {
        try bytes.withUnsafeBytes { bytes throws(StoreError) in
            try unpackCharges(
                bytes, campaign: { number throws(StoreError) in CampaignID(rawValue: "\(number)") },
                word: { $0 == 1 ? "t1" : nil })
        }
    }

    @Test func packsAsTheWorkedExampleSays() throws {
        let touch = Touch(channel: .email, campaign: CampaignID(rawValue: "3"))
        let charges = [
            Charge(at: Instant(milliseconds: 1), touch: touch), Charge(at: Instant(milliseconds: 300), touch: nil),
        ]
        #expect(try packed(charges) == [2, 2, 1, 3, 0, 0xD6, 0x04, 0])
        #expect(try packed([]) == nil)
    }

    @Test(
        arguments: [
            [], [0], [-1], [.min, .max], [.max, .min], [1, 2, 3], [1_764_547_200_000, 1_764_547_200_000],
            [253_402_300_799_999],
        ] as [[Int64]])
    func chargesComeBack(milliseconds: [Int64]) throws {
        let campaign = CampaignID(rawValue: "700")
        let topics: [TopicID?] = [nil, TopicID(rawValue: "t1"), TopicID(rawValue: "another topic")]
        var touches: [Touch?] = [nil]
        for channel in Channel.allCases {
            touches += topics.map { Touch(channel: channel, campaign: campaign, topic: $0) }
        }
        for touch in touches {
            let charges = milliseconds.map { Charge(at: Instant(milliseconds: $0), touch: touch) }
            #expect(try unpacked(try packed(charges) ?? []) == charges)
        }
    }

    /// What the first schema wrote: instants alone.
    @Test func chargesOfTheFirstVersionAreOfUnknownKind() throws {
        let charges = [1, 300].map { Charge(at: Instant(milliseconds: $0), touch: nil) }
        #expect(try unpacked([1, 2, 0xD6, 0x04]) == charges)
        #expect(throws: StoreError.self) { try unpacked([3, 2]) }
        #expect(throws: StoreError.self) { try unpacked([2, 2, 9, 1, 0]) }
    }

    private func packed(_ history: EventHistory) throws -> [UInt8]? {
        try pack(
            history: history, word: { text throws(StoreError) in ["paid": 1, "order_id": 2][text] },
            campaign: { name throws(StoreError) in Int64(name.rawValue) ?? 0 },
            step: { step, _ throws(StoreError) in Int64(step.rawValue) ?? 0 })
    }

    private func history(_ bytes: [UInt8]) throws -> EventHistory {
        try bytes.withUnsafeBytes { bytes throws(StoreError) in
            try unpackHistory(
                bytes, word: { [1: "paid", 2: "order_id"][$0] },
                campaign: { number throws(StoreError) in CampaignID(rawValue: "\(number)") },
                step: { number throws(StoreError) in StepID(rawValue: "\(number)") })
        }
    }

    @Test func eventsComeBackWithWhatTellsRunsApart() throws {
        let about = EventHistory.StepOfCampaign(CampaignID(rawValue: "3"), StepID(rawValue: "4"))
        var before = EventHistory()
        before.add(EventName(rawValue: "paid"), .init(at: Instant(milliseconds: 1)))
        before.add(
            EventName(rawValue: "paid"),
            .init(at: Instant(milliseconds: 300), step: about, keys: ["order_id": "7", "product": "mug"]))
        before.add(EventName(rawValue: "other"), .init(at: Instant(milliseconds: -5), keys: ["product": ""]))
        let bytes = try #require(try packed(before))
        #expect(try history(bytes) == before)
        for count in 1..<bytes.count {
            #expect(throws: StoreError.self) { try history(Array(bytes.prefix(count))) }
        }
    }

    @Test func eventsOfTheFirstVersionBroughtNothingAlong() throws {
        // Two of them: at 1 ms, and at 300 ms about step 4 of campaign 3.
        let read = try history([1, 1, 1, 2, 2, 0, 0xD6, 0x04, 4, 4])
        let about = EventHistory.StepOfCampaign(CampaignID(rawValue: "3"), StepID(rawValue: "4"))
        #expect(
            read.occurrences == [
                EventName(rawValue: "paid"): [
                    .init(at: Instant(milliseconds: 1)), .init(at: Instant(milliseconds: 300), step: about),
                ]
            ])
    }

    @Test func optOutsComeBackWithAndWithoutWords() throws {
        let optOuts = ["t1", "other"].map {
            OptOut(topic: TopicID(rawValue: $0), note: "\($0) 🦊", since: Instant(milliseconds: -5))
        }
        let bytes = try pack(optOuts: optOuts) { text throws(StoreError) in text == "t1" ? 1 : nil } ?? []
        let back = try bytes.withUnsafeBytes { bytes throws(StoreError) in
            try unpackOptOuts(bytes) { $0 == 1 ? "t1" : nil }
        }
        #expect(back == optOuts)
        #expect(try pack(optOuts: []) { _ throws(StoreError) in nil } == nil)
    }

    @Test(arguments: [[], [1], [127, 128, 16_384], [.max]] as [[Int64]])
    func finishedStepsComeBack(steps: [Int64]) throws {
        let bytes = pack(finished: steps) ?? []
        #expect(try bytes.withUnsafeBytes { bytes throws(StoreError) in try unpackFinished(bytes) } == steps)
    }

    @Test func attributesComeBackWithAndWithoutWords() throws {
        let attributes: [String: AttributeValue] = [
            "a": .text(""), "b": .text("é\u{0}🦊"), "c": .number(-0.0), "d": .number(.infinity), "e": .flag(true),
            "f": .flag(false), "g": .number(5), "": .number(.leastNonzeroMagnitude),
        ]
        let words = ["a", "c", "e"]
        let bytes = try pack(attributes: attributes) { name throws(StoreError) in
            words.firstIndex(of: name).map { Int64($0 + 1) }
        }
        let back = try (bytes ?? []).withUnsafeBytes { bytes throws(StoreError) in
            try unpackAttributes(bytes) { words.indices.contains(Int($0) - 1) ? words[Int($0) - 1] : nil }
        }
        #expect(back == attributes)
    }

    private func packed(_ attributes: [String: AttributeValue]) throws -> [UInt8] {
        try pack(attributes: attributes) { _ throws(StoreError) in nil } ?? []
    }

    private func attributes(_ bytes: [UInt8]) throws -> [String: AttributeValue] {
        try bytes.withUnsafeBytes { bytes throws(StoreError) in try unpackAttributes(bytes) { _ in nil } }
    }

    /// Facts without a list are the bytes that they were before there were any.
    @Test func listsComeBackAndMakeTheirRowAlone() throws {
        let plain: [String: AttributeValue] = ["n": .text("Budi")]
        #expect(try packed(plain) == [1, 1, 0, 1, 0x6E, 0, 4] + Array("Budi".utf8))
        let list = try ValueList([.text("vip"), .number(-0.5), .flag(true), .flag(false)])
        for list in [list, .empty, try ValueList((0..<100).map { .number(Double($0)) })] {
            let attributes = ["a": AttributeValue.text("x"), "tags": .list(list), "z": .number(3)]
            #expect(try self.attributes(packed(attributes)) == attributes)
        }
        let bytes = try packed(["t": .list(try ValueList([.text("vip"), .flag(true)]))])
        #expect(bytes == [2, 1, 0, 1, 0x74, 4, 2, 0, 3] + Array("vip".utf8) + [3])
        for count in 1..<bytes.count {
            #expect(throws: StoreError.self) { try self.attributes(Array(bytes.prefix(count))) }
        }
    }

    @Test(
        arguments: [
            // A list in a row of the first version, in a list, of more than there may be, and with one value twice.
            [1, 1, 0, 1, 0x74, 4, 0], [2, 1, 0, 1, 0x74, 4, 1, 4, 0],
            [2, 1, 0, 1, 0x74, 4, 101] + [UInt8](repeating: 2, count: 101),
            [3, 1, 0, 1, 0x74, 3],
        ] as [[UInt8]])
    func aListThatNobodyWroteIsDamage(bytes: [UInt8]) {
        #expect(throws: StoreError.self) { try attributes(bytes) }
    }

    /// Any bytes are read or refused; nothing traps, and nothing reserves memory on the word of a damaged length.
    @Test(arguments: (1...4).map { UInt64($0) })
    func anyBytesAreReadOrRefused(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let tags = AttributeValue.list(try ValueList([.text("vip"), .text("gold")]))
        let good = try packed(["name": .text("Budi"), "n": .number(3), "tags": tags])
        for _ in 0..<20_000 {
            var bytes = good
            if Bool.random(using: &random) {
                bytes =
                    [UInt8.random(in: 1...2, using: &random)]
                    + (0..<Int.random(in: 0...24, using: &random)).map { _ in .random(in: 0...255, using: &random) }
            } else {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
                bytes.removeLast(Int.random(in: 0..<3, using: &random))
            }
            bytes.withUnsafeBytes { bytes in
                _ = try? unpackAttributes(bytes) { $0 == 1 ? "one" : nil }
                _ = try? unpackCharges(
                    bytes, campaign: { number throws(StoreError) in CampaignID(rawValue: "\(number)") },
                    word: { $0 == 1 ? "one" : nil })
                _ = try? unpackOptOuts(bytes) { $0 == 1 ? "one" : nil }
                _ = try? unpackFinished(bytes)
            }
        }
    }
}
