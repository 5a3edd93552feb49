import DripCore

/// One visit's dialogue with a mailbox: what is there, each letter, and what may go.
protocol MailboxSession {
    /// The letters that are there, the first ones first.
    func list() throws(MailboxFailure) -> [String]
    /// At most `MailboxReader.longestLetter` of one that was listed.
    func letter(_ id: String) throws(MailboxFailure) -> MailboxLetter
    /// Marks one for deletion.
    func delete(_ id: String) throws(MailboxFailure)
    /// Carries the deletions out. Without it, POP3 deletes nothing at all.
    func end() throws(MailboxFailure)
}

/// POP3 (RFC 1939): numbers hold for this session only, so all of it is one connection.
final class POP3Session: MailboxSession {
    private let wire: MailWire
    private var numbers: [String: Int] = [:]

    init(_ wire: MailWire) { self.wire = wire }

    func list() throws(MailboxFailure) -> [String] {
        try command("UIDL")
        var ids: [String] = []
        while let line = POP3Reply.unstuffed(try wire.line()) {
            guard let (number, id) = POP3Reply.listing(Array(line)) else {
                throw MailboxFailure("the server lists \"\(LogText.clean(line))\"")
            }
            // Two that share an id hold the same bytes (§7): the second one is seen at the next visit.
            guard numbers[id] == nil else { continue }
            numbers[id] = number
            ids.append(id)
        }
        return ids
    }

    func letter(_ id: String) throws(MailboxFailure) -> MailboxLetter {
        guard let number = numbers[id] else { throw MailboxFailure("\(id) was not listed") }
        try command("RETR \(number)")
        var bytes: [UInt8] = []
        while let line = POP3Reply.unstuffed(try wire.longLine()) {
            // The rest of a larger one is read and dropped: the dialogue goes on behind it.
            guard bytes.count < MailboxReader.longestLetter else { continue }
            bytes += line
            bytes += [0x0D, 0x0A]
        }
        return MailboxLetter(id: id, bytes: Array(bytes.prefix(MailboxReader.longestLetter)))
    }

    func delete(_ id: String) throws(MailboxFailure) {
        guard let number = numbers[id] else { throw MailboxFailure("\(id) was not listed") }
        try command("DELE \(number)")
    }

    func end() throws(MailboxFailure) { try command("QUIT") }

    private func command(_ text: String) throws(MailboxFailure) {
        try wire.send(text)
        if let refusal = POP3Reply.refusal(try wire.line()) { throw MailboxFailure("\(text): \(refusal)") }
    }
}

/// IMAP (RFC 9051, RFC 3501): letters by their unique id under the folder's validity.
final class IMAPSession: MailboxSession {
    private let wire: MailWire
    private let folder: String
    private var validity: UInt32 = 0
    private var commands = 0

    init(_ wire: MailWire, folder: String) {
        self.wire = wire
        self.folder = folder
    }

    func list() throws(MailboxFailure) -> [String] {
        for reply in try command("SELECT \(IMAPReply.quoted(folder))").replies {
            if case .uidValidity(let number) = reply { validity = number }
        }
        guard validity > 0 else { throw MailboxFailure("the folder has no UIDVALIDITY") }
        // Those marked by a visit that was cut off before its end were recorded.
        return try command("UID SEARCH UNDELETED").replies.flatMap { reply in
            if case .search(let uids) = reply { uids.map { "\(validity)/\($0)" } } else { [String]() }
        }
    }

    func letter(_ id: String) throws(MailboxFailure) -> MailboxLetter {
        let uid = try uid(id)
        // PEEK leaves the letter unseen, as it is until it was recorded.
        let answer = try command("UID FETCH \(uid) (UID BODY.PEEK[]<0.\(MailboxReader.longestLetter)>)", for: uid)
        guard let bytes = answer.literal else { throw MailboxFailure("the server sends no letter for \(id)") }
        return MailboxLetter(id: id, bytes: bytes)
    }

    func delete(_ id: String) throws(MailboxFailure) {
        _ = try command("UID STORE \(try uid(id)) +FLAGS.SILENT (\\Deleted)")
    }

    func end() throws(MailboxFailure) {
        _ = try command("EXPUNGE")
        _ = try command("LOGOUT")
    }

    private func uid(_ id: String) throws(MailboxFailure) -> UInt32 {
        let prefix = "\(validity)/"
        guard id.hasPrefix(prefix), let uid = UInt32(id.dropFirst(prefix.count)) else {
            throw MailboxFailure("\(id) was not listed")
        }
        return uid
    }

    /// Sends a command and reads up to its end: what was said, and the literal of the letter asked for.
    private func command(
        _ text: String, for uid: UInt32? = nil
    ) throws(MailboxFailure) -> (replies: [IMAPReply], literal: [UInt8]?) {
        commands += 1
        let tag = "d\(commands)"
        try wire.send("\(tag) \(text)")
        var replies: [IMAPReply] = []
        var letter: [UInt8]?
        while true {
            var line = try wire.line()
            var literal: [UInt8]?
            while let length = IMAPReply.literalLength(line) {
                literal = try wire.bytes(length, keeping: MailboxReader.longestLetter)
                line += try wire.line()
            }
            let reply = IMAPReply.read(line, tag: tag)
            switch reply {
            case .done(let refusal?): throw MailboxFailure("\(text): \(refusal)")
            case .done(nil): return (replies, letter)
            case .bye(let words) where !text.hasPrefix("LOGOUT"): throw MailboxFailure(words)
            case .uid(uid): letter = literal ?? letter
            default: replies.append(reply)
            }
        }
    }
}
