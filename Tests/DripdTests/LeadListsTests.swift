import DripCore
import Foundation
import Testing

/// Lists of leads as other systems write them, on their way in; and out again, for other systems.
@Suite struct LeadListsTests {
    private let installed: Installed

    private var place: String { installed.place }

    init() throws {
        installed = try Installed("lists") { place in
            [
                "dripd.yaml": """
                state_directory: \(place)/state
                runtime_directory: \(place)/run
                campaigns_directory: \(place)/campaigns
                transports:
                  relay: { smtp: { host: 127.0.0.1, port: 9, tls: none } }
                """,
                "campaigns/scoring.yaml": "fit: [{ if: { city: Medan }, points: -5 }]\n",
            ]
        }
    }

    private func dripd(_ arguments: [String]) throws -> Ended { try installed.dripd(arguments) }

    private func leads(_ arguments: [String] = []) throws -> [String] {
        let ended = try dripd(["leads", "--csv"] + arguments)
        #expect(ended.code == 0 && ended.err.isEmpty, "\(ended.err)")
        return ended.out.split(separator: "\r\n").map(String.init)
    }

    @Test func aMappingSaysWhatTheHeadsMean() throws {
        // An Excel of another country, with a note on two lines and a column without a head.
        let list =
            "\u{FEFF}ID;E-Mail (work);Größe;Notizen;\r\n7;Budi@example.com;'+62 812;\"x;\ny\";\r\n8;no address;1;;\r\n"
        try installed.write(list, to: "crm.csv")
        let file = "\(place)/crm.csv"
        let plain = try dripd(["import", file])
        #expect(
            plain.code == 1 && plain.out.isEmpty
                && plain.err.hasPrefix(
                    "Error: \(file):1: error: column \"E-Mail (work)\": a column name must begin with")
                && plain.err.contains(
                    ": try --map 'E-Mail (work)=e_mail_work' or --map 'E-Mail (work)=-'"),
            "\(plain.err)")
        let typo = try dripd(["import", file, "--map", "E-Mail (wrok)=email"])
        #expect(
            typo.code == 1
                && typo.err.contains(
                    "\(file):1: error: --map: no column of the file is called \"E-Mail (wrok)\": did you mean \"E-Mail (work)\"?"
                ), "\(typo.err)")
        let odd = try dripd(["import", file, "--map", "Größe=größe"])
        #expect(odd.code == 64 && odd.err.contains("--map \"Größe=größe\": \"größe\" is no field: write grosse, or a"))
        let maps = ["E-Mail (work)=email", "Größe=phone", "Notizen=-", "=-"].flatMap { ["--map", $0] }
        let mapped = try dripd(["import", file] + maps)
        #expect(mapped.code == 1 && mapped.out == "1 new, 0 known, 1 refused\n", "\(mapped.err)")
        #expect(mapped.err.contains("crm.csv:4: refused: email: it has no @"))
        // Upsert by the key, as without a mapping.
        #expect(try dripd(["import", file] + maps).out == "0 new, 1 known, 1 refused\n")
        #expect(
            try leads(["--columns", "key,email,phone,notizen"]) == [
                "key,email,phone,notizen", "7,Budi@example.com,'+62 812,",
            ])
    }

    @Test func whatComesOutGoesBackInAsItWas() throws {
        let hostile = "=HYPERLINK(\"\"https://x\"\"), 'y'"
        let rows = (0..<250).map { "crm-\($0),l\($0)@example.com,City \($0),\n" }.joined()
        try installed.write(
            "key,email,city,tags\n" + rows + "\"'\(hostile)\",,Medan,vip;Gold\nx-1,x@example.com,'-x,\n", to: "in.csv")
        #expect(try dripd(["import", "\(place)/in.csv"]).out == "252 new, 0 known, 0 refused\n")

        let standard = try leads()
        #expect(standard.count == 253 && standard[0] == "key,email,stage,score")
        #expect(standard[1] == "crm-0,l0@example.com,lead,0")
        #expect(
            standard[251] == "\"'\(hostile)\",,lead,-5",
            "a number is no formula, and a name like one is kept from being it")

        let columns = ["--columns", "key,email,city,tags,stage"]
        let out = try dripd(["leads", "--csv"] + columns).out
        try installed.write(out, to: "out.csv")
        #expect(out.contains("\r\nx-1,x@example.com,'-x,,lead\r\n"))
        let back = try dripd(["import", "\(place)/out.csv", "--map", "stage=-"])
        #expect(back.code == 0 && back.out == "0 new, 252 known, 0 refused\n" && back.err.isEmpty, "\(back.err)")
        #expect(try dripd(["leads", "--csv"] + columns).out == out)

        // In an empty state they become the same again.
        try FileManager.default.removeItem(atPath: "\(place)/state")
        #expect(try dripd(["import", "\(place)/out.csv", "--map", "stage=-"]).out == "252 new, 0 known, 0 refused\n")
        #expect(try dripd(["leads", "--csv"] + columns).out == out)
    }

    @Test func whoWasErasedIsInNoList() throws {
        try installed.write("email,first_name\na@example.com,Budi\nb@example.com,Sari\n", to: "in.csv")
        #expect(try dripd(["import", "\(place)/in.csv"]).code == 0)
        #expect(try dripd(["erase", "a@example.com", "--yes"]).code == 0)
        #expect(try leads(["--columns", "first_name,email"]) == ["first_name,email", "Sari,b@example.com"])
        #expect(
            try leads(["--columns", "all"]) == [
                "key,email,time_zone,locale,stage,score,fit,engagement,first_name",
                "b@example.com,b@example.com,,,lead,0,0,0,Sari",
            ])
        let table = try dripd(["leads", "--columns", "email,city"])
        #expect(table.code == 0 && table.out == "b@example.com  –\n")
        let json = try dripd(["leads", "--json"]).out
        #expect(
            json == #"{"address":"b@example.com","attributes":{"first_name":"Sari"},"engagement":0,"fit":0,"#
                + #""key":"b@example.com","score":0,"stage":"lead"}"# + "\n", "\(json)")
    }

    @Test(arguments: [
        (["--columns", "key,e mail,E-Mail"], Int32(64), "--columns: the column email is named twice"),
        (["--columns", "Größe"], 64, "--columns: \"Größe\" is no column"),
        (["--csv", "--json"], 64, "give either --csv or --json"),
        (["--json", "--columns", "key"], 64, "JSON has everything"),
    ])
    func aRefusalSaysWhatIsWrong(arguments: [String], code: Int32, says: String) throws {
        let ended = try dripd(["leads"] + arguments)
        #expect(ended.code == code && ended.out.isEmpty && ended.err.contains(says), "\(ended.err)")
    }
}
