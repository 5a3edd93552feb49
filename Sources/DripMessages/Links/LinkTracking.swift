// Links that tell that somebody followed them, and the picture that tells that a message was shown.
//
// The rule: every `href="https://…"` of an `<a>` in the HTML part becomes `PUBLIC/c/TOKEN?u=TARGET`; the token is an
// HMAC over enrollment, step and target, so that it leads to no other place than the message itself named, whatever becomes of
// the files later. The picture is `PUBLIC/o/TOKEN`, before the end of the body. In front of all followed links stands one that
// nobody sees (`PUBLIC/t/TOKEN`): whoever follows it is a program. The text part keeps its links as they are.
//
// Edge cases: our own links (unsubscribing, preferences), `mailto:` and `http:` stay; an attribute in other quotes or of another
// tag stays; `&amp;` in a link is `&` in its target. The step is told by 32 bits of a hash of its name: who verifies compares it
// with the steps that the campaign has.
//
// Worked example: `<a href="https://acme.example/?a=1&amp;b=2">` becomes
// `<a href="https://mail.example.com/c/AQ…?u=https%3A%2F%2Facme.example%2F%3Fa%3D1%26b%3D2">`.

import Crypto
package import DripCore

/// What of one delivery is followed.
package struct LinkTracking: Sendable {
    package var signer: LinkSigner
    package var enrollment: EnrollmentID
    package var step: StepID
    package var clicks: Bool
    package var opens: Bool

    package init(signer: LinkSigner, enrollment: EnrollmentID, step: StepID, clicks: Bool, opens: Bool) {
        self.signer = signer
        self.enrollment = enrollment
        self.step = step
        self.clicks = clicks
        self.opens = opens
    }

    /// The HTML of a message with its links and its picture.
    package func rewritten(_ html: [UInt8]) -> [UInt8] {
        let linked = clicks ? withTrap(withLinks(html)) : html
        guard opens else { return linked }
        let url = signer.openURL(for: enrollment, step: step)
        let picture = Array("<img src=\"\(url)\" width=\"1\" height=\"1\" alt=\"\" style=\"display:none\">".utf8)
        let place = Self.last(Array("</body>".utf8), in: linked) ?? linked.endIndex
        return linked[..<place] + picture + linked[place...]
    }

    /// Behind the start of the body, so that who goes through all links comes upon it first.
    private func withTrap(_ html: [UInt8]) -> [UInt8] {
        guard let body = Self.last(Array("<body".utf8), in: html),
            let end = html[body...].firstIndex(of: UInt8(ascii: ">"))
        else { return html }
        let url = signer.trapURL(for: enrollment, step: step)
        let link = "<a href=\"\(url)\" style=\"display:none\" aria-hidden=\"true\" tabindex=\"-1\"></a>"
        return html[...end] + Array(link.utf8) + html[(end + 1)...]
    }

    private func withLinks(_ html: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(html.count * 2)
        var index = html.startIndex
        while index < html.endIndex {
            guard let target = target(in: html, at: index) else {
                result.append(html[index])
                index += 1
                continue
            }
            result += html[index..<target.lowerBound]
            let url = Self.unescaped(String(decoding: html[target], as: UTF8.self))
            result += signer.clickURL(to: url, for: enrollment, step: step).utf8
            index = target.upperBound
        }
        return result
    }

    /// Where the address stands of an `<a …>` that begins here; nil where none does, or it is not to be followed.
    private func target(in html: [UInt8], at start: Int) -> Range<Int>? {
        guard html[start] == UInt8(ascii: "<"), start + 2 < html.count, html[start + 1] | 0x20 == UInt8(ascii: "a"),
            Self.isBlank(html[start + 2])
        else { return nil }
        let needle = Array("href=\"".utf8)
        var index = start + 2
        while index < html.endIndex, html[index] != UInt8(ascii: ">") {
            let isName = Self.isBlank(html[index - 1]) && html[index...].starts(with: needle)
            if isName {
                let begin = index + needle.count
                guard let end = html[begin...].firstIndex(of: UInt8(ascii: "\"")) else { return nil }
                let isOurs = html[begin..<end].starts(with: Array(signer.base.utf8) + [UInt8(ascii: "/")])
                return html[begin..<end].starts(with: "https://".utf8) && !isOurs ? begin..<end : nil
            }
            index += 1
        }
        return nil
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }

    private static func last(_ needle: [UInt8], in text: [UInt8]) -> Int? {
        guard text.count >= needle.count else { return nil }
        return (0...(text.count - needle.count)).last { text[$0...].starts(with: needle) }
    }

    /// The entities that our own writers and careful layouts use.
    private static func unescaped(_ text: String) -> String {
        text.replacing("&quot;", with: "\"").replacing("&#39;", with: "'").replacing("&lt;", with: "<")
            .replacing("&gt;", with: ">").replacing("&amp;", with: "&")
    }
}

/// What a followed link or a shown picture says.
package struct TrackedMark: Hashable, Sendable {
    package var enrollment: EnrollmentID
    /// Of the step's name.
    package var stepHash: UInt32

    package init(enrollment: EnrollmentID, stepHash: UInt32) {
        self.enrollment = enrollment
        self.stepHash = stepHash
    }

    package static func hash(of step: StepID) -> UInt32 {
        SHA256.hash(data: Array(step.rawValue.utf8)).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }
}

extension LinkSigner {
    /// `https://mail.example.com/c/TOKEN?u=https%3A%2F%2F…`.
    package func clickURL(to target: String, for enrollment: EnrollmentID, step: StepID) -> String {
        "\(base)/c/\(mark(enrollment, step, .click, about: target))?u=\(PercentCoding.encode(target))"
    }

    /// `https://mail.example.com/o/TOKEN`.
    package func openURL(for enrollment: EnrollmentID, step: StepID) -> String {
        "\(base)/o/\(mark(enrollment, step, .open, about: ""))"
    }

    /// `https://mail.example.com/t/TOKEN`.
    package func trapURL(for enrollment: EnrollmentID, step: StepID) -> String {
        "\(base)/t/\(mark(enrollment, step, .trap, about: ""))"
    }

    /// `https://mail.example.com/s/TOKEN?o=Rini&t=2026-12-04T08%3A58%3A00.000Z`: where an owner says what becomes of a lead that was
    /// given to them then.
    package func handoverURL(for enrollment: EnrollmentID, step: StepID, owner: String, since: String) -> String {
        let token = mark(enrollment, step, .handover, about: Self.handover(owner, since))
        return "\(base)/s/\(token)?o=\(PercentCoding.encode(owner))&t=\(PercentCoding.encode(since))"
    }

    /// Whose lead a token is about; nil where it was made for another owner or another handoff.
    package func verifyHandover(_ token: String, owner: String, since: String) -> EnrollmentID? {
        verify(token, purpose: .handover, about: Self.handover(owner, since))?.enrollment
    }

    /// An instant has no line end, so that no two pairs run together into one.
    private static func handover(_ owner: String, _ since: String) -> String { "\(since)\n\(owner)" }

    /// What a token was made for, about that very target; nil where it was not, or for another purpose.
    package func verify(_ token: String, purpose: Purpose, about target: String) -> TrackedMark? {
        guard token.utf8.count <= 64, let bytes = Base64.bytes(fromURLText: token), bytes.count == 29,
            let key = key(bytes[0])
        else { return nil }
        let mac = Array(bytes[1...16])
        let plain = Self.masked(Array(bytes[17...]), by: mac, key)
        guard Self.areEqual(Self.trackingMAC(plain, purpose, target, key), mac) else { return nil }
        return TrackedMark(
            enrollment: EnrollmentID(rawValue: plain.prefix(8).reduce(0) { $0 << 8 | Int64($1) }),
            stepHash: plain.suffix(4).reduce(0) { $0 << 8 | UInt32($1) })
    }

    private func mark(_ enrollment: EnrollmentID, _ step: StepID, _ purpose: Purpose, about target: String) -> String {
        // There is at least one key: the initialiser refused an empty list.
        guard let (id, key) = firstKey else { return "" }
        let hash = TrackedMark.hash(of: step)
        let plain =
            Self.bytes(of: enrollment.rawValue)
            + (0..<4).reversed().map { UInt8(truncatingIfNeeded: hash >> (8 * UInt32($0))) }
        let mac = Self.trackingMAC(plain, purpose, target, key)
        return Base64.urlText([id] + mac + Self.masked(plain, by: mac, key))
    }

    private static func trackingMAC(
        _ plain: [UInt8], _ purpose: Purpose, _ target: String, _ key: HMAC<SHA256>
    ) -> [UInt8] {
        var mac = key
        // The numbers have a fixed length and the target comes last, so that no two of them run together into one.
        mac.update(data: Array("dripd-track".utf8) + [purpose.rawValue] + plain + Array(target.utf8))
        return Array(mac.finalize().prefix(16))
    }
}
