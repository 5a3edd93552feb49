/// Phrases to look for in a text, in lower case, found in one pass over it.
struct PhraseTable: Sendable {
    /// By their first two bytes.
    private let phrases: [UInt16: [[UInt8]]]
    /// Which two bytes begin a phrase, a bit for each: most places in a text begin none.
    private let beginnings: [UInt64]

    init(_ list: [String]) {
        var phrases: [UInt16: [[UInt8]]] = [:]
        var beginnings = [UInt64](repeating: 0, count: 1_024)
        for phrase in list {
            let bytes = Array(phrase.utf8)
            guard bytes.count >= 2 else { continue }
            let key = PhraseTable.key(bytes[0], bytes[1])
            phrases[key, default: []].append(bytes)
            beginnings[Int(key >> 6)] |= 1 << UInt64(key & 63)
        }
        self.phrases = phrases
        self.beginnings = beginnings
    }

    func matches(_ text: FoldedText) -> Bool {
        text.bytes.withUnsafeBufferPointer { bytes in
            beginnings.withUnsafeBufferPointer { beginnings in matches(bytes, beginnings) }
        }
    }

    private func matches(_ bytes: UnsafeBufferPointer<UInt8>, _ beginnings: UnsafeBufferPointer<UInt64>) -> Bool {
        guard bytes.count >= 2 else { return false }
        for index in 0..<(bytes.count - 1) {
            let key = PhraseTable.key(bytes[index], bytes[index + 1])
            guard beginnings[Int(key >> 6)] & 1 << UInt64(key & 63) != 0, let candidates = phrases[key] else {
                continue
            }
            for phrase in candidates where phrase.count <= bytes.count - index {
                var length = 2
                while length < phrase.count, phrase[length] == bytes[index + length] { length += 1 }
                if length == phrase.count { return true }
            }
        }
        return false
    }

    func begins(_ text: FoldedText) -> Bool {
        guard text.bytes.count >= 2, let candidates = phrases[PhraseTable.key(text.bytes[0], text.bytes[1])] else {
            return false
        }
        return candidates.contains { text.bytes.starts(with: $0) }
    }

    private static func key(_ first: UInt8, _ second: UInt8) -> UInt16 { UInt16(first) << 8 | UInt16(second) }
}

/// A text as phrases are looked for in it: in lower case, every run of blanks and line ends one blank, quotes straight.
struct FoldedText: Sendable {
    let bytes: [UInt8]

    init(_ text: some StringProtocol) {
        let straight = text.lowercased().replacing("\u{2019}", with: "'")
        var bytes: [UInt8] = []
        bytes.reserveCapacity(straight.utf8.count)
        for byte in straight.utf8 {
            let isBlank = byte <= 0x20 || byte == 0x7F
            if !isBlank { bytes.append(byte) } else if bytes.last != 0x20 && !bytes.isEmpty { bytes.append(0x20) }
        }
        self.bytes = bytes
    }
}
