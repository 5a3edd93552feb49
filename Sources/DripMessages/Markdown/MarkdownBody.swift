import DripCore

/// A message's body as a tree of Markdown, with the tags that its stand-ins mean.
struct MarkdownBody {
    let template: ParsedTemplate
    let markdown: MarkdownSource
    let root: MarkdownNode

    init(_ template: ParsedTemplate) throws(MarkdownTooDeep) {
        self.template = template
        self.markdown = MarkdownSource(template.items, template.source)
        self.root = try MarkdownNode.parse(markdown.markdown).joiningLists(template.items)
    }

    /// What is wrong with the Markdown of a structured template.
    static func mistakes(in template: ParsedTemplate) -> [Diagnostic] {
        do throws(MarkdownTooDeep) {
            return MarkdownHTML(try MarkdownBody(template)).diagnostics
        } catch {
            return [tooDeep(error, template)]
        }
    }

    static func tooDeep(_ error: MarkdownTooDeep, _ template: ParsedTemplate) -> Diagnostic {
        let place = template.source.position(at: 0)
        return Diagnostic(
            .error, file: place.file, line: place.line + error.line - 1, column: 0,
            message: "lists or quotes are nested too deep", hint: "Simplify the message.")
    }

    func item(_ index: Int) -> TemplateItem? {
        template.items.indices.contains(index) ? template.items[index] : nil
    }

    /// The parts of a link's address: its text and its values.
    enum AddressPart {
        case text(String)
        case value(Expression, Placement)
    }

    /// Reads a link's address, or says what is wrong with it.
    func address(_ url: String, shownAs label: String?, isImage: Bool) -> Result<[AddressPart], LinkProblem> {
        var url = url
        if let label, label.hasPrefix("www."), url == "http://" + label { url = "https://" + label }
        var parts: [AddressPart] = []
        var prefix = ""
        var followsValue = false
        for fragment in MarkdownSource.fragments(of: url) {
            switch fragment {
            case .text(let text):
                if parts.isEmpty { prefix = text }
                parts.append(.text(text))
            case .tag(let index, _):
                guard case .output(let expression, _)? = item(index) else {
                    return .failure(
                        LinkProblem(
                            message: "a {% tag stands inside a link's address",
                            hint: "Put the whole link inside the {% if %}, once for each branch."))
                }
                switch LinkRule.placement(after: prefix, followsValue: followsValue) {
                case .failure(let problem): return .failure(problem)
                case .success(let placement):
                    if placement == .url, let problem = LinkRule.check(expression) { return .failure(problem) }
                    parts.append(.value(expression, placement))
                }
                followsValue = followsValue || prefix.trimmed.isEmpty
            }
        }
        if parts.allSatisfy({ if case .text = $0 { true } else { false } }), let problem = LinkRule.check(url) {
            return .failure(problem)
        }
        if isImage, !prefix.isEmpty, !prefix.lowercased().hasPrefix("https://") {
            return .failure(LinkProblem(message: "a picture comes from an https address", hint: "Write https://…."))
        }
        return .success(parts)
    }
}

extension MarkdownNode {
    /// The text inside, stand-ins and all.
    var innerText: String {
        switch kind {
        case .text(let text), .code(let text): text
        case .softBreak, .lineBreak: " "
        default: children.map(\.innerText).joined()
        }
    }

    /// Where control tags on lines of their own part a list, the list is one again, with the tags between its items.
    ///
    /// Only as far as every branch that begins between the items also ends there, and only where some item stands in no
    /// branch, so that no list can be empty.
    func joiningLists(_ items: [TemplateItem]) -> MarkdownNode {
        var node = self
        node.children = []
        let children = children.map { $0.joiningLists(items) }
        var index = 0
        while index < children.count {
            if let (list, next) = Self.joinedList(children, from: index, items) {
                node.children.append(list)
                index = next
            } else {
                node.children.append(children[index])
                index += 1
            }
        }
        return node
    }

    /// The longest run of lists of one kind and control tags that can be one list, and what comes after it.
    private static func joinedList(
        _ nodes: [MarkdownNode], from start: Int, _ items: [TemplateItem]
    ) -> (list: MarkdownNode, next: Int)? {
        var depth = 0
        var list: MarkdownNode?
        var parts: [MarkdownNode] = []
        var hasPlainItem = false
        var result: (list: MarkdownNode, next: Int)?
        for index in start..<nodes.count {
            let node = nodes[index]
            if let change = node.branchDepthChange(items) {
                if depth + change.lowest < 0 { break }
                depth += change.total
                parts.append(node)
            } else if case .list(let first, let isTight) = node.kind {
                if let known = list, case .list(let knownFirst, let knownTight) = known.kind {
                    guard (knownFirst == nil) == (first == nil) else { break }
                    list?.kind = .list(start: knownFirst, isTight: knownTight && isTight)
                } else {
                    list = node
                }
                if depth == 0 { hasPlainItem = true }
                parts += node.children
            } else {
                break
            }
            if depth == 0, hasPlainItem, var whole = list {
                whole.children = parts
                result = (whole, index + 1)
            }
        }
        return result
    }

    /// For a line of control tags: how the depth of branches changes over it, and its lowest point on the way.
    private func branchDepthChange(_ items: [TemplateItem]) -> (total: Int, lowest: Int)? {
        guard case .htmlBlock(let literal) = kind else { return nil }
        var total = 0
        var lowest = 0
        for fragment in MarkdownSource.fragments(of: literal) {
            switch fragment {
            case .text(let text): if !text.trimmed.isEmpty { return nil }
            case .tag(let index, _):
                guard items.indices.contains(index), case .control(let control, _) = items[index] else { return nil }
                switch control {
                case .begin: total += 1
                case .end: total -= 1
                // An else belongs to the branch around it: it needs one to be open here.
                case .otherwise, .otherwiseIf: lowest = min(lowest, total - 1)
                }
                lowest = min(lowest, total)
            }
        }
        return (total, lowest)
    }
}
