/// What a server said it can do in its last EHLO reply (RFC 5321 §4.1.1.1).
struct SMTPCapabilities: Hashable, Sendable {
    /// RFC 2920.
    var pipelining = false
    /// RFC 6152.
    var eightBitMIME = false
    /// RFC 6531.
    var smtpUTF8 = false
    /// RFC 4954.
    var auth = false
    /// RFC 1870: whether MAIL takes `SIZE=`.
    var size = false
    /// RFC 1870: the largest message it takes, in octets; nil for no fixed limit.
    var largestMessage: Int?
}

extension SMTPCapabilities {
    /// Reads all that a server said while the connection was made; the last 250 reply is the last EHLO's.
    ///
    /// The last, because what was said before STARTTLS does not count (RFC 3207 §4.2), and of the replies during
    /// connecting only EHLO's is a 250: the greeting and STARTTLS are 220, AUTH 334 and 235.
    init(transcript: [UInt8]) {
        var lastEhlo: [[UInt8]] = []
        var lines: [[UInt8]] = []
        for line in transcript.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            lines.append(Array(line))
            let isLast = line.count <= 3 || line[line.startIndex + 3] != 0x2D
            guard isLast else { continue }
            if line.starts(with: Array("250".utf8)) { lastEhlo = lines }
            lines = []
        }
        // The first line is the server's name.
        for line in lastEhlo.dropFirst() {
            let words = String(decoding: line.dropFirst(4), as: UTF8.self).uppercased().split(separator: " ")
            switch words.first {
            case "PIPELINING": pipelining = true
            case "8BITMIME": eightBitMIME = true
            case "SMTPUTF8": smtpUTF8 = true
            case "AUTH": auth = true
            case "SIZE":
                size = true
                if words.count > 1, let octets = Int(words[1]), octets > 0 { largestMessage = octets }
            default: break
            }
        }
    }
}
