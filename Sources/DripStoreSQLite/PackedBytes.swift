// How lists are packed into one column.
//
// The rule: a version byte (1), then the fields one after the other; whole numbers are LEB128 (seven bits a byte, low
// ones first), signed ones zigzag first, texts are a length and UTF-8. Reading never trusts a length: bytes that end
// early, run on, or name something unknown are `.corrupt`, never a trap.
//
//   charges    in order of instants, each: the distance to the one before (the first to 1970); its channel, or 0 where
//              nobody kept what it was, and nothing more; its campaign; 0 for no topic, 1 and the topic, or 1 + its word
//   opt-outs   each: 1 and the topic, or 1 + its word; since when; the note
//   finished   numbers of steps, in the order in which they ended
//   attributes count, then per fact: its name (a word's number, or 0 and the text), a tag, the value; of a list, how many
//              values, then each: a tag, the value
//   events     count, then per event: its name like a fact's, count, then each: the distance to the one before; 0, or
//              1 + its campaign and its step; how many keys of runs came along, then each: its name like a fact's, its value
//   choices    a text, `step=arm;step=arm` with the numbers of the steps: no name of an arm holds either sign
//
// Charges have version byte 2; those of version 1 are instants alone, and are read as of unknown kind. Events have version
// byte 2; those of version 1 end with the step, and brought no keys along. Attributes have version byte 2 where one of them is
// a list, and 1 otherwise.
//
// Worked example: an e-mail of campaign 3 without a topic at 1 ms, one of unknown kind at 300 ms:
// 02 | 02 (zigzag 1) 01 03 00 | D6 04 (zigzag 299) 00.

import DripCore
import DripStore

/// Appends packed fields.
struct PackedWriter {
    static let version: UInt8 = 1
    static let versionOfCharges: UInt8 = 2
    static let versionOfEvents: UInt8 = 2
    static let versionOfLists: UInt8 = 2
    private(set) var bytes: [UInt8]

    init(version: UInt8 = PackedWriter.version) {
        bytes = [version]
    }

    mutating func append(unsigned value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func append(signed value: Int64) {
        append(unsigned: UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    mutating func append(byte: UInt8) { bytes.append(byte) }

    mutating func append(text: String) {
        append(unsigned: UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }
}

/// Reads packed fields in order; every read checks what is left.
struct PackedReader {
    private let bytes: UnsafeRawBufferPointer
    private var place = 0
    private let what: StaticString
    private(set) var version: UInt8 = 0

    init(
        _ bytes: UnsafeRawBufferPointer, _ what: StaticString, newest: UInt8 = PackedWriter.version
    ) throws(StoreError) {
        self.bytes = bytes
        self.what = what
        version = try byte()
        guard (1...newest).contains(version) else { throw damaged }
    }

    var isAtEnd: Bool { place == bytes.count }
    var damaged: StoreError { .corrupt("a stored list of \(what) is damaged at byte \(place)") }

    mutating func byte() throws(StoreError) -> UInt8 {
        guard place < bytes.count else { throw damaged }
        defer { place += 1 }
        return bytes[place]
    }

    mutating func unsigned() throws(StoreError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            // The tenth byte has room for one bit only.
            guard shift < 63 || (shift == 63 && next <= 1) else { throw damaged }
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return value }
            shift += 7
        }
    }

    mutating func signed() throws(StoreError) -> Int64 {
        let value = try unsigned()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    mutating func text() throws(StoreError) -> String {
        let count = try unsigned()
        guard count <= UInt64(bytes.count - place) else { throw damaged }
        defer { place += Int(count) }
        return String(decoding: bytes[place..<place + Int(count)], as: UTF8.self)
    }
}

// MARK: - What is packed

extension PackedWriter {
    /// A topic as 1 and its text, or 1 + the number of its word.
    fileprivate mutating func append(
        topic: TopicID, word: (String) throws(StoreError) -> Int64?
    ) throws(StoreError) {
        if let number = try word(topic.rawValue) {
            append(unsigned: UInt64(bitPattern: number) + 1)
        } else {
            append(unsigned: 1)
            append(text: topic.rawValue)
        }
    }
}

extension PackedReader {
    /// Reads what `append(topic:word:)` wrote; nil for 0.
    fileprivate mutating func topic(word: (Int64) -> String?) throws(StoreError) -> TopicID? {
        let number = try unsigned()
        guard number > 0 else { return nil }
        guard let text = number == 1 ? try text() : word(Int64(bitPattern: number - 1)) else { throw damaged }
        return TopicID(rawValue: text)
    }
}

/// Settled charges, oldest first; nil bytes for none, the usual case.
///
/// `campaign` gives a campaign's number, `word` a topic's, nil where it has none.
func pack(
    charges: [Charge], campaign: (CampaignID) throws(StoreError) -> Int64,
    word: (String) throws(StoreError) -> Int64?
) throws(StoreError) -> [UInt8]? {
    guard !charges.isEmpty else { return nil }
    var writer = PackedWriter(version: PackedWriter.versionOfCharges)
    var last: Int64 = 0
    for charge in charges {
        writer.append(signed: charge.at.milliseconds &- last)
        last = charge.at.milliseconds
        writer.append(unsigned: UInt64(charge.touch?.channel.rawValue ?? 0))
        guard let touch = charge.touch else { continue }
        writer.append(unsigned: UInt64(bitPattern: try campaign(touch.campaign)))
        if let topic = touch.topic {
            try writer.append(topic: topic, word: word)
        } else {
            writer.append(unsigned: 0)
        }
    }
    return writer.bytes
}

func unpackCharges(
    _ bytes: UnsafeRawBufferPointer, campaign: (Int64) throws(StoreError) -> CampaignID, word: (Int64) -> String?
) throws(StoreError) -> [Charge] {
    guard !bytes.isEmpty else { return [] }
    var reader = try PackedReader(bytes, "charges", newest: PackedWriter.versionOfCharges)
    var charges: [Charge] = []
    var last: Int64 = 0
    while !reader.isAtEnd {
        last = last &+ (try reader.signed())
        var charge = Charge(at: Instant(milliseconds: last), touch: nil)
        let number = reader.version == 1 ? 0 : try reader.unsigned()
        if number != 0 {
            guard let channel = Int(exactly: number).flatMap(Channel.init(rawValue:)) else { throw reader.damaged }
            let name = try campaign(Int64(bitPattern: try reader.unsigned()))
            charge.touch = Touch(channel: channel, campaign: name, topic: try reader.topic(word: word))
        }
        charges.append(charge)
    }
    return charges
}

/// Opt-outs, oldest first; nil bytes for none, the usual case.
func pack(
    optOuts: [OptOut], word: (String) throws(StoreError) -> Int64?
) throws(StoreError) -> [UInt8]? {
    guard !optOuts.isEmpty else { return nil }
    var writer = PackedWriter()
    for optOut in optOuts {
        try writer.append(topic: optOut.topic, word: word)
        writer.append(signed: optOut.since.milliseconds)
        writer.append(text: optOut.note)
    }
    return writer.bytes
}

func unpackOptOuts(
    _ bytes: UnsafeRawBufferPointer, word: (Int64) -> String?
) throws(StoreError) -> [OptOut] {
    guard !bytes.isEmpty else { return [] }
    var reader = try PackedReader(bytes, "opt-outs")
    var optOuts: [OptOut] = []
    while !reader.isAtEnd {
        guard let topic = try reader.topic(word: word) else { throw reader.damaged }
        let since = Instant(milliseconds: try reader.signed())
        optOuts.append(OptOut(topic: topic, note: try reader.text(), since: since))
    }
    return optOuts
}

/// Step numbers in the order in which they ended; nil bytes for none.
func pack(finished: [Int64]) -> [UInt8]? {
    guard !finished.isEmpty else { return nil }
    var writer = PackedWriter()
    for step in finished { writer.append(unsigned: UInt64(bitPattern: step)) }
    return writer.bytes
}

func unpackFinished(_ bytes: UnsafeRawBufferPointer) throws(StoreError) -> [Int64] {
    guard !bytes.isEmpty else { return [] }
    var reader = try PackedReader(bytes, "finished steps")
    var steps: [Int64] = []
    while !reader.isAtEnd { steps.append(Int64(bitPattern: try reader.unsigned())) }
    return steps
}

private enum AttributeTag: UInt8 {
    case text = 0
    case number, no, yes, list
}

extension PackedWriter {
    fileprivate mutating func append(value: AttributeValue) {
        switch value {
        case .text(let text):
            append(byte: AttributeTag.text.rawValue)
            append(text: text)
        case .number(let number):
            append(byte: AttributeTag.number.rawValue)
            // Whole numbers have many trailing zero bits: swapped, they take two bytes instead of nine.
            append(unsigned: number.bitPattern.byteSwapped)
        case .flag(let flag): append(byte: (flag ? AttributeTag.yes : .no).rawValue)
        case .list(let list):
            append(byte: AttributeTag.list.rawValue)
            append(unsigned: UInt64(list.values.count))
            for value in list.values { append(value: value) }
        }
    }
}

extension PackedReader {
    fileprivate mutating func value() throws(StoreError) -> AttributeValue {
        guard let tag = AttributeTag(rawValue: try byte()) else { throw damaged }
        guard tag == .list else { return try single(tag) }
        let count = try unsigned()
        guard version >= PackedWriter.versionOfLists, count <= UInt64(ValueList.limit) else { throw damaged }
        var values: [AttributeValue] = []
        for _ in 0..<count {
            guard let tag = AttributeTag(rawValue: try byte()) else { throw damaged }
            values.append(try single(tag))
        }
        guard let list = try? ValueList(values) else { throw damaged }
        return .list(list)
    }

    private mutating func single(_ tag: AttributeTag) throws(StoreError) -> AttributeValue {
        switch tag {
        case .text: .text(try text())
        case .number: .number(Double(bitPattern: try unsigned().byteSwapped))
        case .no: .flag(false)
        case .yes: .flag(true)
        case .list: throw damaged
        }
    }
}

/// Facts by name order, so that equal facts have equal bytes; `number` gives a name's word, nil where it has none.
func pack(
    attributes: [String: AttributeValue], number: (String) throws(StoreError) -> Int64?
) throws(StoreError) -> [UInt8]? {
    guard !attributes.isEmpty else { return nil }
    let holdsLists = attributes.values.contains { if case .list = $0 { true } else { false } }
    var writer = PackedWriter(version: holdsLists ? PackedWriter.versionOfLists : PackedWriter.version)
    writer.append(unsigned: UInt64(attributes.count))
    for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
        if let word = try number(name) {
            writer.append(unsigned: UInt64(bitPattern: word))
        } else {
            writer.append(unsigned: 0)
            writer.append(text: name)
        }
        writer.append(value: value)
    }
    return writer.bytes
}

func unpackAttributes(
    _ bytes: UnsafeRawBufferPointer, word: (Int64) -> String?
) throws(StoreError) -> [String: AttributeValue] {
    guard !bytes.isEmpty else { return [:] }
    var reader = try PackedReader(bytes, "attributes", newest: PackedWriter.versionOfLists)
    let count = try reader.unsigned()
    // Each takes two bytes at least: a count that cannot be true must not reserve memory.
    guard count <= UInt64(bytes.count) else { throw reader.damaged }
    var attributes = [String: AttributeValue](minimumCapacity: Int(count))
    for _ in 0..<count {
        let number = Int64(bitPattern: try reader.unsigned())
        guard let name = number == 0 ? try reader.text() : word(number) else { throw reader.damaged }
        attributes[name] = try reader.value()
    }
    guard reader.isAtEnd else { throw reader.damaged }
    return attributes
}

/// What a lead did; nil bytes for nothing, the usual case.
func pack(
    history: EventHistory, word: (String) throws(StoreError) -> Int64?,
    campaign: (CampaignID) throws(StoreError) -> Int64,
    step: (StepID, Int64) throws(StoreError) -> Int64
) throws(StoreError) -> [UInt8]? {
    guard !history.isEmpty else { return nil }
    var writer = PackedWriter(version: PackedWriter.versionOfEvents)
    func append(name: String) throws(StoreError) {
        if let number = try word(name) {
            writer.append(unsigned: UInt64(bitPattern: number))
        } else {
            writer.append(unsigned: 0)
            writer.append(text: name)
        }
    }
    writer.append(unsigned: UInt64(history.occurrences.count))
    for (event, list) in history.occurrences.sorted(by: { $0.key < $1.key }) {
        try append(name: event.rawValue)
        writer.append(unsigned: UInt64(list.count))
        var last: Int64 = 0
        for occurrence in list {
            writer.append(signed: occurrence.at.milliseconds &- last)
            last = occurrence.at.milliseconds
            if let about = occurrence.step {
                let number = try campaign(about.campaign)
                writer.append(unsigned: UInt64(bitPattern: number) + 1)
                writer.append(unsigned: UInt64(bitPattern: try step(about.step, number)))
            } else {
                writer.append(unsigned: 0)
            }
            writer.append(unsigned: UInt64(occurrence.keys.count))
            for (name, value) in occurrence.keys.sorted(by: { $0.key < $1.key }) {
                try append(name: name)
                writer.append(text: value)
            }
        }
    }
    return writer.bytes
}

func unpackHistory(
    _ bytes: UnsafeRawBufferPointer, word: (Int64) -> String?,
    campaign: (Int64) throws(StoreError) -> CampaignID, step: (Int64) throws(StoreError) -> StepID
) throws(StoreError) -> EventHistory {
    guard !bytes.isEmpty else { return EventHistory() }
    var reader = try PackedReader(bytes, "events", newest: PackedWriter.versionOfEvents)
    func name() throws(StoreError) -> String {
        let number = Int64(bitPattern: try reader.unsigned())
        guard let name = number == 0 ? try reader.text() : word(number) else { throw reader.damaged }
        return name
    }
    let count = try reader.unsigned()
    guard count <= UInt64(bytes.count) else { throw reader.damaged }
    var occurrences = [EventName: [EventHistory.Occurrence]](minimumCapacity: Int(count))
    for _ in 0..<count {
        let event = EventName(rawValue: try name())
        var list: [EventHistory.Occurrence] = []
        var last: Int64 = 0
        for _ in 0..<(try reader.unsigned()) {
            last = last &+ (try reader.signed())
            var occurrence = EventHistory.Occurrence(at: Instant(milliseconds: last))
            let about = try reader.unsigned()
            if about > 0 {
                let name = try campaign(Int64(bitPattern: about - 1))
                occurrence.step = .init(name, try step(Int64(bitPattern: try reader.unsigned())))
            }
            for _ in 0..<(reader.version < 2 ? 0 : try reader.unsigned()) {
                let key = try name()
                occurrence.keys[key] = try reader.text()
            }
            list.append(occurrence)
        }
        occurrences[event] = list
    }
    guard reader.isAtEnd else { throw reader.damaged }
    return EventHistory(occurrences)
}

/// The arms that an enrollment took; nil for none.
func pack(
    choices: [StepID: String], step: (StepID) throws(StoreError) -> Int64
) throws(StoreError) -> String? {
    guard !choices.isEmpty else { return nil }
    var parts: [String] = []
    for (id, arm) in choices.sorted(by: { $0.key < $1.key }) { parts.append("\(try step(id))=\(arm)") }
    return parts.joined(separator: ";")
}

func unpack(choices text: String, step: (Int64) throws(StoreError) -> StepID) throws(StoreError) -> [StepID: String] {
    var choices: [StepID: String] = [:]
    for (number, arm) in try packedChoices(text) { choices[try step(number)] = arm }
    return choices
}

/// The arms by the numbers of their steps.
func packedChoices(_ text: String) throws(StoreError) -> [(step: Int64, arm: String)] {
    var choices: [(Int64, String)] = []
    for choice in text.split(separator: ";") {
        let parts = choice.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int64(parts[0]) else {
            throw .corrupt("an enrollment has the choices \"\(text)\"")
        }
        choices.append((number, String(parts[1])))
    }
    return choices
}
