import DripCampaigns
import DripCore
import Foundation
import Testing

@Suite struct ZoneFilesTests {
    private static let zone = Array("TZif2".utf8) + [0, 0, 0]

    @Test func readsZonesAndNothingElse() throws {
        let folder = try ScratchFolder()
        for name in [
            "UTC", "Asia/Jakarta", "America/Argentina/Ushuaia", "posix/UTC", "right/UTC", "localtime", "Factory",
        ] {
            try folder.write(Self.zone, to: name)
        }
        try folder.write(Self.zone + [UInt8](repeating: 0, count: 65_536), to: "Asia/Endless")
        try folder.write("# version 2025b\n# more\n", to: "tzdata.zi")
        try folder.write("ID\t-0610+10648\tAsia/Jakarta\n", to: "zone.tab")
        try folder.link("Jakarta", to: "Asia/Jakarta")
        try folder.link("again", to: ".")
        try folder.link("nothing", to: "nowhere")
        let read = try ZoneFiles.load(directory: folder.path + "/")
        let names = read.zones.keys.filter { !$0.hasPrefix("again") }.sorted()
        #expect(names == ["America/Argentina/Ushuaia", "Asia/Jakarta", "Jakarta", "UTC"])
        #expect(read.zones["Jakarta"] == Self.zone)
        #expect(read.version == "2025b")
    }

    @Test func readsTheSystemsZones() throws {
        let read = try ZoneFiles.load(directory: "/usr/share/zoneinfo")
        #expect(read.zones.count > 400)
        #expect(read.zones["Asia/Jakarta"]?.starts(with: Array("TZif".utf8)) == true)
        #expect(read.zones["Cuba"] == read.zones["America/Havana"])
        #expect(read.zones.keys.allSatisfy { !$0.hasPrefix("posix") && !$0.hasPrefix("right") })
    }

    @Test func aFolderWithoutZonesIsAnError() throws {
        let folder = try ScratchFolder()
        try folder.write("x", to: "readme.md")
        let empty = #expect(throws: Diagnostic.self) { try ZoneFiles.load(directory: folder.path) }
        #expect(empty?.message == "the folder holds no time zone")
        #expect(throws: Diagnostic.self) { try ZoneFiles.load(directory: "/nowhere") }
    }

    @Test func aVersionThatIsNotThereIsUnknown() throws {
        let folder = try ScratchFolder()
        try folder.write(Self.zone, to: "UTC")
        #expect(try ZoneFiles.load(directory: folder.path).version == "unknown")
        try folder.write("R d 1916 o - Jun 14 23s 1 S\n", to: "tzdata.zi")
        #expect(try ZoneFiles.load(directory: folder.path).version == "unknown")
    }
}
