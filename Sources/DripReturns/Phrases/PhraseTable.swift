/// Phrases to look for in a text, in lower case, found in one pass over it.
struct PhraseTable: Sendable {
    /// By their first two bytes.
    private let phrases: [UInt16: [[UInt8]]]

    init(_ list: [String]) {
        var phrases: [UInt16: [[UInt8]]] = [:]
        for phrase in list {
            let bytes = Array(phrase.utf8)
            guard bytes.count >= 2 else { continue }
            phrases[PhraseTable.key(bytes[0], bytes[1]), default: []].append(bytes)
        }
        self.phrases = phrases
    }

    func matches(_ text: FoldedText) -> Bool { text.bytes.withUnsafeBufferPointer(matches) }

    private func matches(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard bytes.count >= 2 else { return false }
        for index in 0..<(bytes.count - 1) {
            guard let candidates = phrases[PhraseTable.key(bytes[index], bytes[index + 1])] else { continue }
            for phrase in candidates where phrase.count <= bytes.count - index {
                if zip(phrase, bytes[index...]).allSatisfy({ $0 == $1 }) { return true }
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
