import DripCampaigns
import DripCore
import Foundation
import Testing

/// A folder on disk for the length of one test.
final class ScratchFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("dripd-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.resolvingSymlinksInPath().path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ bytes: [UInt8], to name: String) throws {
        let url = URL(fileURLWithPath: "\(path)/\(name)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }

    func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: "\(path)/\(name)", withDestinationPath: target)
    }
}

@Suite struct FolderReaderTests {
    @Test func readsASampleAndItLoads() throws {
        let folder = try ScratchFolder()
        for (name, text) in Sample.files { try folder.write(text, to: name) }
        let tree = try FileTree.read(directory: folder.path)
        #expect(tree == Sample.tree())
        #expect(try FileTree.read(directory: folder.path + "/") == tree)
    }

    @Test(arguments: [
        ".git/config.yaml", ".schema/campaign.json", ".hidden.md", ".welcome.md.swp", ".#welcome.md", "welcome.md~",
        "#welcome.md#", "4913",
        "welcome.md.swp", "ebook/.DS_Store", "ebook/4913",
    ])
    func passesOverWhatEditorsLeave(name: String) throws {
        let folder = try ScratchFolder()
        try folder.write("x", to: name)
        #expect(try FileTree.read(directory: folder.path) == FileTree(files: [:]))
    }

    @Test func tellsOfEverythingElse() throws {
        let folder = try ScratchFolder()
        try folder.write("x", to: "ebook/campaign.yml")
        try folder.write("x", to: "ebook/photo.png")
        try folder.write("x", to: "ebook/bell\u{7}.md")
        try folder.write([UInt8](repeating: 0x23, count: 1 << 20), to: "ebook/fits.md")
        try folder.write([UInt8](repeating: 0x23, count: (1 << 20) + 1), to: "ebook/large.md")
        #expect(mkfifo("\(folder.path)/ebook/pipe.md", 0o600) == 0)
        let deep = Array(repeating: "d", count: 20).joined(separator: "/")
        try folder.write("x", to: "\(deep)/x.md")
        let tree = try FileTree.read(directory: folder.path)
        #expect(tree.files.keys.sorted() == ["ebook/fits.md"])
        #expect(
            Sample.text(tree.diagnostics.sorted()) == """
                d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d: error: folders lie more than 16 deep. Move the files up.
                ebook/bell .md: error: the name holds a control character. Rename it.
                ebook/campaign.yml: warning: a file that ends in `.yml` is not read. Rename it so that it ends in `.yaml`.
                ebook/large.md: error: the file is larger than 1 MiB. Split it, or take large data such as images out of it.
                ebook/photo.png: warning: this file is not read. Only files that end in `.yaml`, `.md` or `.html` are.
                ebook/pipe.md: error: this is neither a file nor a folder. Take it away.
                """)
    }

    /// A Kubernetes volume is made of links inside of it.
    @Test func followsLinksInsideTheFolderOnly() throws {
        let outside = try ScratchFolder()
        try outside.write("secret", to: "secret.md")
        let folder = try ScratchFolder()
        try folder.write("policy", to: "..data/policy.yaml")
        try folder.link("policy.yaml", to: "..data/policy.yaml")
        try folder.link("a.md", to: "\(outside.path)/secret.md")
        try folder.link("b.md", to: "../../../../../../etc/passwd")
        try folder.link("c.md", to: "nowhere.md")
        try folder.link("d", to: outside.path)
        try folder.link("e", to: ".")
        try folder.link("f.md", to: "f.md")
        let tree = try FileTree.read(directory: folder.path)
        #expect(tree.files == ["policy.yaml": Array("policy".utf8)])
        #expect(
            tree.diagnostics.map { "\($0.file): \($0.message)" } == [
                "a.md: the link leads out of the campaigns folder", "b.md: the link leads out of the campaigns folder",
                "c.md: the link points at nothing", "d: the link leads out of the campaigns folder",
                "e: the link leads out of the campaigns folder", "f.md: the link points at nothing",
            ])
    }

    @Test func stopsAtTenThousandFiles() throws {
        let folder = try ScratchFolder()
        try folder.write("", to: "a/x.md")
        for index in 0...10_000 {
            #expect(FileManager.default.createFile(atPath: "\(folder.path)/a/\(index + 10_000).md", contents: nil))
        }
        let tree = try FileTree.read(directory: folder.path)
        #expect(tree.files.count == 10_000)
        #expect(tree.diagnostics.map(\.file) == ["a/20000.md"])
        #expect(tree.diagnostics.first?.message.contains("more than 10000 files") == true)
    }

    @Test func aFolderThatIsNotThereIsAnError() {
        let thrown = #expect(throws: Diagnostic.self) { try FileTree.read(directory: "/nowhere/campaigns") }
        #expect(
            thrown?.description
                == "/nowhere/campaigns: error: it cannot be read: No such file or directory. Check the path.")
    }
}
