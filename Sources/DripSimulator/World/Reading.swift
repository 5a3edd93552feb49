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
        }
    }

    private static func read(_ mail: OutgoingMessage.Mail, mark: Int) -> Reception? {
        var headers: [String: String] = [:]
        var name = ""
        for line in String(decoding: mail.bytes, as: UTF8.self).split(
            separator: "\r\n", omittingEmptySubsequences: false)
        {
            if line.isEmpty { break }
            if line.first == " " || line.first == "\t" {
                headers[name]? += line
            } else if let colon = line.firstIndex(of: ":") {
                name = line[..<colon].lowercased()
                headers[name] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            }
        }
        guard let identity = headers["message-id"], let to = headers["to"], let campaign = headers["x-dripd-campaign"],
            let step = headers["x-dripd-step"], let due = headers["x-dripd-due"].flatMap({ Instant($0) }),
            to == mail.recipient.text
        else { return nil }
        return Reception(
            mark: mark, identity: identity.trimmingCharacters(in: .whitespaces), mailbox: to.lowercased(),
            campaign: campaign, step: step, plannedAt: due, subject: headers["subject"] ?? "")
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
            step: body.step, plannedAt: due, subject: body.subject)
    }
}
