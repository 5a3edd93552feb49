// sources: Sources/DripDelivery/SMTP/SMTPReply.swift Sources/DripDelivery/LogText.swift

/// What any server may send, cut twice in other places: the same replies come out, each within its bounds.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let seed = bytes.first else { return 0 }
    let stream = Array(bytes.dropFirst())
    let whole = read(stream, piece: max(1, stream.count))
    precondition(whole == read(stream, piece: Int(seed % 7) + 1))
    for step in whole {
        guard case .reply(let reply) = step else { continue }
        precondition((200...599).contains(reply.code) && reply.bytes.count <= 4 * SMTPReplyReader.longestLine)
        let text = reply.text
        precondition(text.count <= 300 && !text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F })
        if let enhanced = reply.enhancedCode { precondition(enhanced.first?.wholeNumberValue == reply.code / 100) }
    }
    return 0
}

/// Every reply of a stream that comes in such pieces, up to the one that is none.
private func read(_ stream: [UInt8], piece: Int) -> [SMTPReplyReader.Step] {
    var reader = SMTPReplyReader()
    var steps: [SMTPReplyReader.Step] = []
    for begin in stride(from: 0, to: stream.count, by: piece) {
        let part = Array(stream[begin..<min(stream.count, begin + piece)])
        let isOver = part.withUnsafeBytes { raw in
            var position = 0
            while position < raw.count {
                let step = reader.next(in: raw, at: &position)
                if step == .needsMore { continue }
                steps.append(step)
                if case .malformed = step { return true }
            }
            return false
        }
        if isOver { break }
    }
    return steps
}
