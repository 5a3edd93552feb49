import DripCore
import Foundation
import Testing

@testable import DripCampaigns

/// What `dripd schema` prints: as shipped, and in agreement with the loader.
@Suite struct SchemaTests {
    // MARK: As shipped

    private static let shipped: [(FileSchema, String)] = [
        (.campaign, "campaigns/.schema/campaign.json"), (.policy, "campaigns/.schema/policy.json"),
        (.form, "campaigns/.schema/form.json"), (.scoring, "campaigns/.schema/scoring.json"),
        (.config, "systemd/.schema/config.json"), (.provider, "systemd/.schema/provider.json"),
    ]

    @Test(arguments: shipped)
    func theShippedSchemaIsTheOneThatIsMade(kind: FileSchema, path: String) throws {
        let shipped = try? String(contentsOf: SchemaJudge.repository.appending(path: path), encoding: .utf8)
        #expect(shipped == kind.schema.json, "dripd schema \(kind.rawValue) > \(path)")
    }

    private static let samples: [(FileSchema, String)] = [
        (.campaign, "campaigns/ebook-nurture/campaign.yaml"), (.policy, "campaigns/policy.yaml"),
        (.form, "campaigns/forms/ebook.yaml"), (.scoring, "campaigns/scoring.yaml"),
        (.config, "systemd/dripd.yaml"),
    ]

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: SchemaJudge.repository.appending(path: path), encoding: .utf8)
    }

    /// An editor takes the schema from the path in the first line, from the sample's own folder.
    @Test(arguments: samples)
    func theSampleOpensWithItsSchema(kind: FileSchema, path: String) throws {
        let first = try #require(try Self.text(path).split(separator: "\n").first)
        let line = try #require(first.wholeMatch(of: /# yaml-language-server: \$schema=(\S+)/), "\(path): \(first)")
        let folder = SchemaJudge.repository.appending(path: path).deletingLastPathComponent()
        let schema = try String(contentsOf: folder.appending(path: String(line.1)), encoding: .utf8)
        #expect(schema == kind.schema.json)
    }

    // MARK: In agreement with the loader

    @Test func whatLoadsIsSound() throws {
        var files = try Self.samples.map { SchemaJudge.File(kind: $0.0, text: try Self.text($0.1)) }
        files.append(SchemaJudge.File(kind: .policy, text: Sample.policy))
        files.append(SchemaJudge.File(kind: .campaign, text: Sample.campaign))
        files += ProviderPresets.files.map {
            SchemaJudge.File(kind: .provider, text: String(decoding: $0.bytes, as: UTF8.self))
        }
        for (file, verdict) in zip(files, try SchemaJudge.judge(files)) {
            #expect(verdict == .sound, "\(file.kind.rawValue)\n\(file.text.prefix(200))")
        }
    }

    /// A file of a broken fixture, with what the loader says of it.
    private struct BrokenFile {
        var title: String
        var file: SchemaJudge.File
        var errors: [String]
    }

    private static func brokenFiles() throws -> [BrokenFile] {
        let names = [
            "broken-campaigns", "broken-yaml", "broken-folders", "broken-configurations", "broken-providers",
            "broken-forms", "broken-scoring",
        ]
        return try names.flatMap(Broken.cases).flatMap { broken in
            broken.changes.sorted { $0.key < $1.key }.compactMap { path, text in
                guard let text, let kind = kind(of: path) else { return nil }
                let errors = broken.says.split(separator: "\n").filter {
                    $0.hasPrefix("\(path):") && $0.contains(": error: ")
                }
                return BrokenFile(
                    title: "\(broken.title), \(path)", file: .init(kind: kind, text: text),
                    errors: errors.map(String.init))
            }
        }
    }

    private static func kind(of path: String) -> FileSchema? {
        if ["forms/f.yaml", "forms/g.yaml"].contains(path) { return .form }
        return switch path.split(separator: "/").last {
        case "campaign.yaml": .campaign
        case "policy.yaml": .policy
        case "scoring.yaml": .scoring
        case "dripd.yaml": .config
        case "own.yaml": .provider
        default: nil
        }
    }

    /// A schema finds a file mistaken exactly where the loader finds a mistake that a schema can know.
    @Test func whatIsBrokenIsMistaken() throws {
        let broken = try Self.brokenFiles()
        #expect(broken.count > 100)
        var known = 0
        for (broken, verdict) in zip(broken, try SchemaJudge.judge(broken.map(\.file))) {
            if broken.errors.contains(where: { UnknownToSchemas.lastWords.contains(where: $0.contains) }) { continue }
            if verdict == .unreadable {
                #expect(!broken.errors.isEmpty, "\(broken.title): only the schema's reader refuses it")
                continue
            }
            let isKnown = try broken.errors.contains { try !UnknownToSchemas.covers($0) }
            #expect(
                verdict.isMistaken == isKnown, "\(broken.title): \(verdict)\n\(broken.errors.joined(separator: "\n"))")
            known += isKnown ? 1 : 0
        }
        #expect(known > 60)
    }

    @Test func everyUnknownMistakeIsOneThatTheLoaderFinds() throws {
        let said = try Self.brokenFiles().flatMap(\.errors)
        for message in UnknownToSchemas.mistakes.flatMap(\.messages) + UnknownToSchemas.lastWords {
            let pattern = try Regex(message)
            #expect(said.contains { $0.contains(pattern) }, "no broken file is about: \(message)")
        }
    }

    // MARK: Never stricter

    /// Values that a validator types in other ways than their keys do, and unusual spellings that the loader takes.
    private static let oddities = [
        "5", "007", "1.5", "1e3", "0x1f", "true", "\"true\"", "no", "\"5\"", "2026-12-25", "\"12-25\"",
        "\"08:00 - 17:00\"", "\"22:00-24:00\"", "\"09:00:30\"", "Mon-Fri", "\"sat, sun - mon\"",
        "HTTPS://x.example/a@b", "HTTP://LOCALHOST:80", "\" a@b.example \"", "./welcome.md", "day", "ü",
    ]

    /// The document with each of its values in turn replaced by each oddity.
    private static func variations(_ text: String) throws -> [String] {
        let source = try SourceText(Array(text.utf8), path: "x.yaml")
        let root = try #require(YAMLDocument.read(text, in: source, findings: Findings(file: "x.yaml")))
        var found: [YAMLNode] = []
        func collect(_ node: YAMLNode) {
            switch node.content {
            case .scalar: found.append(node)
            case .sequence(let items): items.forEach(collect)
            case .mapping(let entries): entries.map(\.value).forEach(collect)
            case .unreadable: break
            }
        }
        collect(root)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        return [text]
            + found.flatMap { node in
                oddities.map { odd in
                    var lines = lines
                    let line = lines[node.place.line - 1]
                    let isQuoted = node.scalar?.style == .quoted
                    let length = (node.scalar?.text.count ?? 0) + (isQuoted ? 2 : 0)
                    let before = line.prefix(node.place.column - 1)
                    lines[node.place.line - 1] = before + odd + line.dropFirst(before.count + length)
                    return lines.joined(separator: "\n")
                }
            }
    }

    private static func lines(_ spec: MappingSpec, without names: Set<String>, indent: String = "") -> String {
        spec.keys.filter { !names.contains($0.name) }.map { "\(indent)\($0.example)\n" }.joined()
    }

    /// All keys of a campaign and of a step that sends, and every step that decides, with steps inside.
    private static let campaigns: [String] = [
        lines(CampaignKeys.spec, without: ["steps"]) + "steps:\n  -\n"
            + lines(
                StepKeys.spec,
                without: Set(
                    ["after", "http", "sms", "notify", "class", "up_to", "then", "otherwise"] + StepKeys.verbs),
                indent: "    "),
        """
        name: x
        goal: { on: demo_booked, if: { a: b }, then: { jump_to: a } }
        enroll: { on: [ebook_downloaded], if: { a: [b, 5] }, when: { c: d }, again: { every: 90d } }
        exit: { if: { did: { event: replied, step: a, at_least: 2, within: 7d } } }
        steps:
          - { id: a, after: 0s, http: { transport: crm, message: note.md }, class: marketing }
          - { id: b, wait_for: [demo_booked], up_to: 3d, then: [ { id: c, email: welcome.md } ] }
          - { id: d, branch: [ { name: e, if: { f: { before: 2026-12-01 } }, steps: [ { id: g, email: welcome.md } ] } ] }
          - { id: h, split: [ { name: i, weight: 2, steps: [ { id: j, day: 9, email: welcome.md } ] } ] }
          - { id: k, repeat: { times: 2, every: 2d, at: "09:00", until: replied, steps: [ { id: l, email: welcome.md } ] } }
          - { id: r, day: 9, sms: welcome.md, topic: education }
          - { id: p, day: 9, notify: { to: sales@rumpun.example, message: note.md } }
          - { id: q, day: 9, notify: { transport: slack, message: note.md } }
          - { id: m, set: { n: "yes" } }
          - { id: o, score: 5 }

        """,
    ]

    @Test func noCampaignThatLoadsIsMistaken() throws {
        let files = try Self.campaigns.flatMap(Self.variations).filter {
            !Sample.load(["ebook/campaign.yaml": $0, "ebook/note.md": Sample.message]).hasErrors
        }
        #expect(Self.campaigns.allSatisfy(files.contains))
        #expect(files.count > 100)
        try judgeSound(files.map { .init(kind: .campaign, text: $0) })
    }

    @Test func noPolicyThatLoadsIsMistaken() throws {
        let files = try Self.variations(Self.lines(PolicyKeys.spec, without: [])).filter {
            !Sample.load(["policy.yaml": $0]).policyIsBroken
        }
        #expect(files.count > 100)
        try judgeSound(files.map { .init(kind: .policy, text: $0) })
    }

    @Test func noFormThatLoadsIsMistaken() throws {
        let texts = [
            Self.lines(FormKeys.spec, without: ["enroll", "confirm", "per_hour"]),
            """
            title: { en: Get it, pt-BR: Pegue }
            text: [ One, { en: Two } ]
            fields:
              - { attribute: first_name, label: First name, required: true }
              - { attribute: company.size, label: Size, choices: [ small, { value: "5", label: { id: Besar } } ] }
            consent: { text: { en: I agree, id: Saya setuju } }
            magnet: https://acme.example/e.pdf?a=1
            """,
        ]
        let files = try texts.flatMap(Self.variations).filter { !Sample.load(["forms/f.yaml": $0]).hasErrors }
        #expect(texts.allSatisfy(files.contains) && files.count > 100)
        try judgeSound(files.map { .init(kind: .form, text: $0) })
    }

    @Test func noConfigurationThatLoadsIsMistaken() throws {
        let text =
            Self.lines(ConfigurationKeys.spec, without: ["transports"]) + "transports:\n  relay:\n    smtp:\n"
            + Self.lines(SMTPKeys.spec, without: [], indent: "      ")
            + Self.lines(TransportKeys.spec, without: ["smtp", "http", "maildir", "fallback"], indent: "    ")
            + "  crm:\n    http:\n      url: \"https://crm.example.com/hook\"\n"
            + Self.lines(HTTPTransportKeys.spec, without: ["provider"], indent: "      ")
        let files = try Self.variations(text).filter {
            ConfigurationLoader.load(Array($0.utf8), path: "/etc/dripd/dripd.yaml").configuration != nil
        }
        #expect(files.count > 100)
        try judgeSound(files.map { .init(kind: .config, text: $0) })
    }

    private func judgeSound(_ files: [SchemaJudge.File]) throws {
        for (file, verdict) in zip(files, try SchemaJudge.judge(files)) where verdict != .sound {
            Issue.record("\(verdict)\n\(file.text)")
        }
    }

    /// The one exception: a validator cannot tell `null` from a key without a value, which is what people write.
    @Test func nothingIsNoValue() throws {
        let campaign = Sample.campaign.replacing("name: E-book nurture", with: "name: null")
        #expect(!Sample.load(["ebook/campaign.yaml": campaign]).hasErrors)
        #expect(try SchemaJudge.judge([.init(kind: .campaign, text: campaign)]).first?.isMistaken == true)
    }

    // MARK: Whole

    @Test func conditionsAreDescribedWhole() throws {
        #expect(ConditionSchema.tests.map(\.name) == ConditionReader.operators)
        let step = "name: x\nsteps:\n  - { id: a, day: 1, email: a.md, if: "
        let sound = [
            "{ industry: [fintech, 5, true], employees: { at_least: 50, at_most: \"90\" }, not: { country: no } }",
            "{ any: [ { a: 1 }, { all: [ { b: { exists: true } }, { not: { any: [ { c: { is_not: [x, y] } } ] } } ] } ] }",
            "{ a: { b: 1, c: { d: [x, 2], exists: true } }, a.b.c.d: { at_least: 1 } }",
            "{ a: { contains: 5, starts_with: x, more_than: 1.5, less_than: -1 } }",
            "{ did: replied, a: { before: { in: 7d }, after: 2026-12-01 }, not: { did: { event: clicked, at_least: 2 } } }",
        ]
        let mistaken = [
            "{}", "fintech", "[ { a: 1 } ]", "{ a: { at_least: x } }", "{ a: { not: { b: 1 } } }",
            "{ a: { b: { C: 1 } } }", "{ a: {} }", "{ a: [] }", "{ at_least: 5 }",
            "{ any: { a: 1 } }", "{ not: [ { a: 1 } ] }", "{ any: [ { a: { exists: maybe } } ] }", "{ A: 1 }",
            "{ a: \"\" }",
        ]
        let files = (sound + mistaken).map { SchemaJudge.File(kind: .campaign, text: step + $0 + " }\n") }
        let verdicts = try SchemaJudge.judge(files)
        for (file, verdict) in zip(files, verdicts).prefix(sound.count) { #expect(verdict == .sound, "\(file.text)") }
        for (file, verdict) in zip(files, verdicts).dropFirst(sound.count) {
            #expect(verdict.isMistaken, "\(file.text)")
        }
    }

    /// A word such as `on` or `12` would reach a validator as something else than the text that it is to be.
    @Test func noChoiceIsAnythingButAText() {
        func words(_ shape: Shape) -> [String] {
            switch shape {
            case .choice(let words): words
            case .list(let item, _), .oneOrMany(let item), .map(let item, _): words(item)
            case .either(let short, let long): words(short) + words(long)
            case .group(let spec): spec.keys.flatMap { words($0.shape) }
            default: []
            }
        }
        let all = [
            CampaignKeys.spec, StepKeys.spec, RepeatKeys.spec, PolicyKeys.spec, ConfigurationKeys.spec,
            ProviderKeys.spec,
        ].flatMap {
            $0.keys.flatMap { words($0.shape) }
        }
        #expect(all.count > 30)
        for word in all {
            #expect(ScalarSchema.form(pattern: "^\(word)$") == ["type": "string", "pattern": .text("^\(word)$")])
        }
    }

    @Test func everyReferenceLeadsToADefinition() throws {
        func references(_ tree: SchemaTree) -> [String] {
            switch tree {
            case .group(let entries):
                entries.flatMap { entry -> [String] in
                    if entry.key == "$ref", case .text(let path) = entry.value { return [path] }
                    return references(entry.value)
                }
            case .list(let items): items.flatMap(references)
            case .text, .integer, .flag: []
            }
        }
        for kind in FileSchema.allCases {
            let definitions = kind.schema.entries.first { $0.key == "$defs" }?.value.entries.map(\.key) ?? []
            #expect(Set(definitions).count == definitions.count)
            #expect(Set(references(kind.schema)) == Set(definitions.map { "#/$defs/\($0)" }), "\(kind.rawValue)")
        }
    }
}
