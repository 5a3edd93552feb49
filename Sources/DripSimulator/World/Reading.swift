import DripCore
import Foundation

extension Reception {
    /// Reads what arrived, as a receiver would: from the bytes alone.
    ///
    /// Nil where they do not say what they must.
    static func read(_ payload: OutgoingMessage.Payload, mark: Int) -> Reception? {
        switch payload {
        case .mail(let mail): read(mail, mark: mark)
        case .post(let post): read(post, mark: mark)
        // Nobody here asks for a message in its parts.
        case .content: nil
        }
    }

    private static func read(_ mail: OutgoingMessage.Mail, mark: Int) -> Reception? {
        let headers = headers(of: mail.bytes)
        guard let identity = headers["message-id"], let to = headers["to"], let campaign = headers["x-dripd-campaign"],
            let step = headers["x-dripd-step"], let due = headers["x-dripd-due"].flatMap({ Instant($0) }),
            to == mail.recipient.text
        else { return nil }
        return Reception(
            mark: mark, identity: identity, mailbox: to.lowercased(),
            campaign: campaign, step: StepPlan.firstName(of: step), plannedAt: due, subject: headers["subject"] ?? "")
    }

    /// The headers of a message by their names in lower case, unfolded, without white space at either end.
    private static func headers(of bytes: [UInt8]) -> [String: String] {
        var lines: [ArraySlice<UInt8>] = []
        var begin = 0
        for index in bytes.indices.dropLast() where bytes[index] == 0x0D && bytes[index + 1] == 0x0A {
            guard index > begin else { break }
            let line = bytes[begin..<index]
            begin = index + 2
            if let first = line.first, first.isBlank, let last = lines.last {
                lines[lines.count - 1] = last + line
            } else {
                lines.append(line)
            }
        }
        var headers: [String: String] = [:]
        for line in lines {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let value = line[(colon + 1)...].drop { $0.isBlank }
            let length = value.reversed().drop { $0.isBlank }.count
            headers[String(decoding: line[..<colon], as: UTF8.self).lowercased()] = String(
                decoding: value.prefix(length), as: UTF8.self)
        }
        return headers
    }

    private struct Post: Decodable {
        struct Lead: Decodable {
            var email: String?
        }

        var campaign: String
        var step: String
        var dueAt: String
        var lead: Lead
        var subject: String
    }

    private static func read(_ post: OutgoingMessage.Post, mark: Int) -> Reception? {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let body = try? decoder.decode(Post.self, from: Data(post.body)), let due = Instant(body.dueAt)
        else { return nil }
        return Reception(
            mark: mark, identity: post.idempotencyKey, mailbox: body.lead.email?.lowercased(), campaign: body.campaign,
            step: StepPlan.firstName(of: body.step), plannedAt: due, subject: body.subject)
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
}
