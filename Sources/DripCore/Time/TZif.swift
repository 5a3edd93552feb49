/// A zone file of the system, taken apart and checked: RFC 9636 (TZif), versions 1 to 4.
///
/// The rule: a 44-byte header with six counts, a data block with 32-bit times, and from version 2 on a second header
/// and block with 64-bit times (the only ones then read) and a footer with a POSIX TZ string between two newlines.
///
/// Edge cases: a version 1 file has no footer, and a footer may be empty: the last type then holds for ever. Version 4
/// may cut the data at either end; a cut start has a first type `-00` and is read like any other. A file that counts
/// leap seconds (`right/…`) is refused: its times are not POSIX times. Old files begin at the "big bang" (−2⁵⁹ s);
/// transitions outside of what an `Instant` can say are dropped, their types kept.
///
/// No byte of a file is trusted: counts are checked against its size before anything is read, indices against counts.
struct TZif: Hashable, Sendable {
    /// Ascending, seconds since 1970 in UTC.
    var times: [Int64] = []
    /// As long as `times`: which type begins there.
    var kinds: [UInt8] = []
    /// Which type holds before the first time.
    var initialKind = 0
    var types: [LocalTimeType] = []
    var rule: PosixZoneRule?

    init(_ bytes: [UInt8]) throws(ZoneError) {
        let first = try Header(bytes, at: 0)
        guard first.version >= UInt8(ascii: "2") else {
            try read(bytes, first, at: Header.length, timeSize: 4)
            return
        }
        let second = Header.length + first.blockLength(timeSize: 4)
        let header = try Header(bytes, at: second)
        let block = second + Header.length
        try read(bytes, header, at: block, timeSize: 8)
        rule = try TZif.footer(bytes, at: block + header.blockLength(timeSize: 8))
    }

    /// One type for ever.
    init(fixed type: LocalTimeType) {
        types = [type]
    }

    private struct Header {
        static let length = 44

        let version: UInt8
        let utcIndicators: Int
        let standardIndicators: Int
        let leaps: Int
        let times: Int
        let types: Int
        let characters: Int

        init(_ bytes: [UInt8], at start: Int) throws(ZoneError) {
            guard bytes.count >= start + Header.length else { throw start == 0 ? .notTZif : .truncated }
            guard bytes[start..<start + 4].elementsEqual("TZif".utf8) else { throw .notTZif }
            version = bytes[start + 4]
            func count(_ index: Int) -> Int { Int(TZif.integer(bytes, at: start + 20 + index * 4, size: 4)) }
            // Read as signed, so a count of 2³¹ or more comes out negative.
            utcIndicators = count(0)
            standardIndicators = count(1)
            leaps = count(2)
            times = count(3)
            types = count(4)
            characters = count(5)
            guard min(utcIndicators, standardIndicators, leaps, times, types, characters) >= 0 else {
                throw .corrupt("a count beyond any file's size")
            }
        }

        func blockLength(timeSize: Int) -> Int {
            times * (timeSize + 1) + types * 6 + characters + leaps * (timeSize + 4) + standardIndicators
                + utcIndicators
        }
    }

    private mutating func read(
        _ bytes: [UInt8], _ header: Header, at start: Int, timeSize: Int
    ) throws(ZoneError) {
        guard bytes.count >= start + header.blockLength(timeSize: timeSize) else { throw .truncated }
        guard header.leaps == 0 else { throw .countsLeapSeconds }
        guard (1...256).contains(header.types), header.characters > 0 else { throw .corrupt("no local time type") }
        guard [0, header.types].contains(header.utcIndicators), [0, header.types].contains(header.standardIndicators)
        else { throw .corrupt("a number of indicators that is not the number of types") }

        let kindsAt = start + header.times * timeSize
        let typesAt = kindsAt + header.times
        let namesAt = typesAt + header.types * 6
        let names = bytes[namesAt..<namesAt + header.characters]
        for index in 0..<header.types {
            types.append(try TZif.type(bytes, at: typesAt + index * 6, names: names))
        }
        times.reserveCapacity(header.times)
        kinds.reserveCapacity(header.times)
        var previous = Int64.min
        for index in 0..<header.times {
            let time = TZif.integer(bytes, at: start + index * timeSize, size: timeSize)
            let kind = bytes[kindsAt + index]
            guard index == 0 || time > previous else { throw .corrupt("transitions out of order") }
            guard Int(kind) < header.types else { throw .corrupt("a transition to a type that is not there") }
            previous = time
            if time < TZif.sayable.lowerBound {
                initialKind = Int(kind)
            } else if time <= TZif.sayable.upperBound {
                times.append(time)
                kinds.append(kind)
            }
        }
    }

    /// Seconds that an `Instant` can say, with room for a few days more on both sides.
    private static let sayable = (Int64.min / 1_000 + 1_000_000)...(Int64.max / 1_000 - 1_000_000)

    private static func type(
        _ bytes: [UInt8], at index: Int, names: ArraySlice<UInt8>
    ) throws(ZoneError) -> LocalTimeType {
        let offset = Int(integer(bytes, at: index, size: 4))
        guard LocalTimeType.offsets.contains(offset) else { throw .corrupt("an offset of \(offset) seconds") }
        let name = names.dropFirst(Int(bytes[index + 5]))
        guard let end = name.firstIndex(of: 0) else { throw .corrupt("an abbreviation without its end") }
        return LocalTimeType(offsetSeconds: offset, abbreviation: String(decoding: name[..<end], as: UTF8.self))
    }

    /// The rule between the two newlines after the data; nil where there is nothing between them.
    private static func footer(_ bytes: [UInt8], at start: Int) throws(ZoneError) -> PosixZoneRule? {
        guard start < bytes.count else { throw .truncated }
        guard bytes[start] == UInt8(ascii: "\n") else { throw .corrupt("no footer after the data") }
        let text = bytes[(start + 1)...]
        guard let end = text.firstIndex(of: UInt8(ascii: "\n")) else { throw .truncated }
        return end == text.startIndex ? nil : try PosixZoneRule(Array(text[..<end]))
    }

    /// A big-endian, signed integer of 4 or 8 bytes that are there.
    private static func integer(_ bytes: [UInt8], at index: Int, size: Int) -> Int64 {
        var value = Int64(Int8(bitPattern: bytes[index]))
        for next in index + 1..<index + size { value = value << 8 | Int64(bytes[next]) }
        return value
    }
}

/// One way in which a zone's clock runs: how far ahead of UTC, and what it is then called.
struct LocalTimeType: Hashable, Sendable {
    var offsetSeconds: Int
    var abbreviation: String

    /// RFC 9636 §3.2: more than −25 and less than +26 hours.
    static let offsets = -89_999...93_599
}
