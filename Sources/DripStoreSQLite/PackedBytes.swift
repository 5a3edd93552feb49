// How lists are packed into one column.
//
// The rule: a version byte (1), then the fields one after the other; whole numbers are LEB128 (seven bits a byte, low
// ones first), signed ones zigzag first, texts are a length and UTF-8. Reading never trusts a length: bytes that end
// early, run on, or name something unknown are `.corrupt`, never a trap.
//
//   charges    instants in order, each as the distance to the one before (the first to 1970)
//   finished   numbers of steps, in the order in which they ended
//   attributes count, then per fact: its name (a word's number, or 0 and the text), a tag, the value
//
// Worked example: charges at 1 ms and 300 ms: 01 | 02 (zigzag 1) | D6 04 (zigzag 299).

import DripCore
import DripStore

/// Appends packed fields.
struct PackedWriter {
    static let version: UInt8 = 1
    private(set) var bytes: [UInt8] = [PackedWriter.version]

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

    init(_ bytes: UnsafeRawBufferPointer, _ what: StaticString) throws(StoreError) {
        self.bytes = bytes
        self.what = what
        let version = try byte()
        guard version == PackedWriter.version else { throw damaged }
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

/// The instants of settled charges, oldest first; nil bytes for none, the usual case.
func pack(charges: [Instant]) -> [UInt8]? {
    guard !charges.isEmpty else { return nil }
    var writer = PackedWriter()
    var last: Int64 = 0
    for charge in charges {
        writer.append(signed: charge.milliseconds &- last)
        last = charge.milliseconds
    }
    return writer.bytes
}

func unpackCharges(_ bytes: UnsafeRawBufferPointer) throws(StoreError) -> [Instant] {
    guard !bytes.isEmpty else { return [] }
    var reader = try PackedReader(bytes, "charges")
    var charges: [Instant] = []
    var last: Int64 = 0
    while !reader.isAtEnd {
        last = last &+ (try reader.signed())
        charges.append(Instant(milliseconds: last))
    }
    return charges
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
    case number, no, yes
}

/// Facts by name order, so that equal facts have equal bytes; `number` gives a name's word, nil where it has none.
func pack(
    attributes: [String: AttributeValue], number: (String) throws(StoreError) -> Int64?
) throws(StoreError) -> [UInt8]? {
    guard !attributes.isEmpty else { return nil }
    var writer = PackedWriter()
    writer.append(unsigned: UInt64(attributes.count))
    for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
        if let word = try number(name) {
            writer.append(unsigned: UInt64(bitPattern: word))
        } else {
            writer.append(unsigned: 0)
            writer.append(text: name)
        }
        switch value {
        case .text(let text):
            writer.append(byte: AttributeTag.text.rawValue)
            writer.append(text: text)
        case .number(let number):
            writer.append(byte: AttributeTag.number.rawValue)
            // Whole numbers have many trailing zero bits: swapped, they take two bytes instead of nine.
            writer.append(unsigned: number.bitPattern.byteSwapped)
        case .flag(let flag): writer.append(byte: (flag ? AttributeTag.yes : .no).rawValue)
        }
    }
    return writer.bytes
}

func unpackAttributes(
    _ bytes: UnsafeRawBufferPointer, word: (Int64) -> String?
) throws(StoreError) -> [String: AttributeValue] {
    guard !bytes.isEmpty else { return [:] }
    var reader = try PackedReader(bytes, "attributes")
    let count = try reader.unsigned()
    // Each takes two bytes at least: a count that cannot be true must not reserve memory.
    guard count <= UInt64(bytes.count) else { throw reader.damaged }
    var attributes = [String: AttributeValue](minimumCapacity: Int(count))
    for _ in 0..<count {
        let number = Int64(bitPattern: try reader.unsigned())
        guard let name = number == 0 ? try reader.text() : word(number) else { throw reader.damaged }
        guard let tag = AttributeTag(rawValue: try reader.byte()) else { throw reader.damaged }
        switch tag {
        case .text: attributes[name] = .text(try reader.text())
        case .number: attributes[name] = .number(Double(bitPattern: try reader.unsigned().byteSwapped))
        case .no: attributes[name] = .flag(false)
        case .yes: attributes[name] = .flag(true)
        }
    }
    guard reader.isAtEnd else { throw reader.damaged }
    return attributes
}
