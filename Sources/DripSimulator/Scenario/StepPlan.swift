package import DripCore

package struct StepPlan: Hashable, Sendable {
    package var id: String
    package var timing: Step.Timing
    package var anchor = Anchor.enrollment
    package var spread = TimeSpan.zero
    package var channel: Channel = .email
    /// A step for leads with this `tier` only.
    package var tier: String?
    package var deferMax: TimeSpan?
    package var lateMax: TimeSpan?
    package var sendsLate = false
    /// The message needs the attribute `code`.
    package var needsCode = false
    /// Gold leads get a message of their own.
    package var varies = false
    package var isTransactional = false
    package var counts = true
    /// It tells a colleague: transactional, and not counted.
    package var isNotice = false
    /// Of those: it goes to whoever the lead was given to.
    package var isForOwner = false
    /// Whether a message in doubt goes again.
    package var resends = false
    /// Where it is not the campaign's.
    package var topic: String?
    /// What it decides; nil where it sends.
    package var inner: InnerPlan?
    /// The arms that lead to it.
    package var arms: [Arm] = []
    /// Whether the file calls it by another name than at first; everybody outside of the files knows it by the first.
    package var isRenamed = false
    /// Whether it brings completed runs back, where an edit added it.
    package var reopens = false
    /// Which time of a repetition it belongs to, and what ends that.
    package var copy: Int?
    package var until: String?

    package enum InnerPlan: Hashable, Sendable {
        case wait(String, upTo: TimeSpan)
        case branch(tier: String)
        case split(Int, Int)
        case repetition(times: Int, every: TimeSpan, until: String)
        /// The fact `mood`; an empty text removes it.
        case set(mood: String)
        case score(Int)
        case enrollIn(String)
        case exitFrom(String)
        case handoff(another: Bool)
        /// For the owner's answer, up to so much of their working time.
        case answer(upTo: TimeSpan)
    }

    static let renamedSuffix = "-anew"

    /// What a step was called first, by the name that the engine knows it by now.
    static func firstName(of name: String) -> String {
        name.hasSuffix(renamedSuffix) ? String(name.dropLast(renamedSuffix.count)) : name
    }

    /// As the file called it first.
    var name: String { copy == nil ? id : String(id.prefix { $0 != "." }) }

    /// As the file calls it by now.
    var nameNow: String { isRenamed ? name + StepPlan.renamedSuffix : name }

    /// Whether nothing but time and interruptions decides when it goes.
    var isSimple: Bool { !needsCode && deferMax == nil && anchor == .enrollment && spread == .zero && !varies }

    /// As the engine knows it, made without its loader.
    func step(in campaign: String) -> Step {
        let message = MessageChoice(path: "\(campaign)/\(messageFile)")
        let action: Step.Action =
            switch (channel, isNotice ? try? EmailAddress(StepPlan.colleague) : nil) {
            case (.email, _?) where isForOwner: .notify(.owner, message)
            case (.email, nil): .email(message)
            case (.email, let colleague?): .notify(.email(colleague), message)
            case (_, nil): .http(transport: channel.transportName, message)
            case (_, _?): .notify(.http(transport: channel.transportName), message)
            }
        return Step(
            id: StepID(rawValue: id), timing: timing, anchor: anchor, spread: spread, action: action,
            isTransactional: isTransactional)
    }

    /// Whom notes go to.
    static let colleague = "sales@acme.example"

    var messageFile: String { needsCode ? "\(name)-code.md" : "\(name).md" }

    func message(_ edition: Int) -> String { message(for: name, edition) }
    func goldMessage(_ edition: Int) -> String { message(for: "\(name) in gold", edition) }
    var goldFile: String { messageFile.replacing(".md", with: ".gold.md") }

    private func message(for id: String, _ edition: Int) -> String {
        "---\nsubject: '\(id) for {{ lead.name | default: \"you\" }}\(edition > 0 ? " #\(edition)" : "")'\n---\n"
            + (needsCode
                ? "Your code is {{ lead.code }}.\n" : isForOwner ? "{{ handoff.lead }} is yours.\n" : "Hello.\n")
    }

    var yaml: String {
        var parts = [isRenamed ? "id: \(nameNow), was: \(name)" : "id: \(name)"]
        if inner != nil { return parts[0] }
        if reopens { parts.append("reopen: true") }
        switch timing {
        case .day(let day, let at):
            parts.append("day: \(day)")
            if let at { parts.append("at: \"\(at)\"") }
        case .after(let span): parts.append("after: \(span)")
        }
        switch anchor {
        case .enrollment: break
        case .previous: parts.append("anchor: previous")
        case .attribute(let name): parts.append("anchor: { attribute: \(name) }")
        }
        if spread > .zero { parts.append("spread: \(spread)") }
        if isTransactional, !isNotice { parts.append("class: transactional") }
        if !isNotice, isTransactional || !counts { parts.append("counts: \(counts)") }
        if let topic { parts.append("topic: \(topic)") }
        if varies { parts.append("vary_by: tier") }
        if let tier { parts.append("if: { tier: \(tier) }") }
        switch (channel, isNotice) {
        case (.email, false): parts.append("email: \(messageFile)")
        case (.email, true):
            parts.append("notify: { to: \(isForOwner ? "owner" : StepPlan.colleague), message: \(messageFile) }")
        case (_, false): parts.append("http: { transport: hook, message: \(messageFile) }")
        case (_, true): parts.append("notify: { transport: hook, message: \(messageFile) }")
        }
        if let deferMax { parts.append("defer_max: \(deferMax)") }
        if let lateMax { parts.append("late_max: \(lateMax)") }
        if sendsLate { parts.append("when_late: send") }
        if resends { parts.append("on_doubt: resend") }
        return parts.joined(separator: ", ")
    }
}

extension Holidays.Entry {
    /// As `policy.yaml` writes it.
    var yaml: String {
        switch days {
        case .dates(let first, let last): first == last ? "\(first)" : "{ from: \(first), to: \(last) }"
        case .yearly(let month, let day): "\"\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)\""
        }
    }
}
